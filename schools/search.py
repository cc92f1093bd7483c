"""Finding things by the beginning of a word: one row per word, written by the service that writes the object."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from schools.models import SearchWord
from schools.tenancy.scope import current_school_id

WORDS_PER_OBJECT = 40
WORD_LENGTH = 64
FEW_HITS = 3_000
_LAST = "\U0010ffff"


def words_of(*texts: str) -> set[str]:
    """The words of the texts, folded (NFKC, lower case), each cut to 64 characters; an email also as its parts."""
    folded = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    whole = re.findall(r"[^\s,;<>()\"]+", folded)
    parts = re.findall(r"\w+", folded)
    return set([word[:WORD_LENGTH] for word in [*whole, *parts] if word][: WORDS_PER_OBJECT * 2])


def index(kind: str, object_id: int, *texts: str) -> None:
    """Replace the words under which one object is found, in the open scope's transaction."""
    wanted = words_of(*texts)
    known = SearchWord.objects.filter(kind=kind, object_id=object_id)
    had = set(known.values_list("word", flat=True))
    if had - wanted:
        known.filter(word__in=had - wanted).delete()
    _insert(kind, {object_id: wanted - had})


def index_new(kind: str, object_id: int, *texts: str) -> None:
    """Write the words of an object that was made just now, without looking for older ones."""
    index_all_new(kind, {object_id: texts})


def index_all_new(kind: str, texts: Mapping[int, Iterable[str]]) -> None:
    """Write the words of objects that were made just now, by their ids, in one statement."""
    _insert(kind, {object_id: words_of(*own) for object_id, own in texts.items()})


def _insert(kind: str, words: Mapping[int, set[str]]) -> None:
    school_id = current_school_id()
    rows = [
        SearchWord(school_id=school_id, kind=kind, word=word, object_id=object_id)
        for object_id, own in words.items()
        for word in sorted(own)
    ]
    SearchWord.objects.bulk_create(rows, ignore_conflicts=True)


def found(kind: str, typed: str) -> Iterable[QuerySet[SearchWord]]:
    """For each word typed, the rows whose word begins with it; an object is a hit when it is in every one."""
    for word in re.findall(r"[^\s,;<>()\"]+", unicodedata.normalize("NFKC", typed).casefold())[:6]:
        start = word[:WORD_LENGTH]
        yield SearchWord.objects.filter(kind=kind, word__gte=start, word__lt=start + _LAST)


def matching[Rows: QuerySet[Any, Any]](rows: Rows, kind: str, typed: str, field: str = "pk") -> Rows:
    """Only rows whose object (its id is in `field`) has, for each word typed, a word that begins so.

    A few hits are read at once and named; many are left to the database, which then need not look at all of them.
    """
    for hits in found(kind, typed):
        few = list(hits.values_list("object_id", flat=True)[: FEW_HITS + 1])
        known = set(few) if len(few) <= FEW_HITS else hits.values("object_id")
        rows = rows.filter(**{f"{field}__in": known})
    return rows
