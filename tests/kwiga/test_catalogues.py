"""What the product says in Ukrainian and Polish: all of it, nothing lost, as these languages count and quote."""

import re
from functools import cache
from pathlib import Path

import allauth
import django
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext, ngettext

from kwiga.library_words import SENTENCES
from kwiga.local.builders import LOCALE
from kwiga.local.messages import LANGUAGES, find_faults

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")
# Said alike in English and in the language.
SHAPES = {"%(code)s: −%(size)s", "%(fact)s: %(operator)s", "%(fact)s: %(operator)s %(value)s"}
LOANS = {
    "uk": {*SHAPES, "Message-ID", "Telegram"},
    "pl": {*SHAPES, "%(count)s ms", "Host", "Link", "Marketing", "Message-ID", "Status", "Tag", "Telegram", "Test"}
    | {"Webhook"},
}
COUNTS = (1, 2, 5, 11, 21, 22, 25)


@cache
def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(text: str | list[str] | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def test_every_sentence_is_in_every_language() -> None:
    assert find_faults() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_placeholder_and_no_tag_is_lost(language: str) -> None:
    for message in messages(language):
        for pattern in (PLACEHOLDER, TAG):
            wanted = [sorted(pattern.findall(text)) for text in forms(message.id)]
            for text in forms(message.string):
                assert sorted(pattern.findall(text)) in wanted, (message.id, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_begin_and_end_as_in_english(language: str) -> None:
    for message in messages(language):
        english, text = forms(message.id)[0], forms(message.string)[0]
        assert text.strip() == text or english.strip() != english, text
        assert text.count("\n\n") == english.count("\n\n"), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    alike = {text for message in messages(language) for text in forms(message.string) if text in forms(message.id)}
    assert alike == LOANS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_a_form_for_each_kind_of_number(language: str) -> None:
    plurals = [message for message in messages(language) if not isinstance(message.id, str)]
    assert catalogue(language).num_plurals == 3
    assert len(plurals) >= 5
    assert {len(message.string) for message in plurals} == {3}


@pytest.mark.parametrize(
    ("language", "open_quote", "close_quote"),
    [("uk", "«", "»"), ("pl", "„", "”")],
)
def test_quotes_and_apostrophes_are_typographic(language: str, open_quote: str, close_quote: str) -> None:
    for message in messages(language):
        for text in forms(message.string):
            plain = TAG.sub("", text)
            assert not re.search(r"\w'\w|\"|\.\.\.", plain), plain
            assert plain.count(open_quote) == plain.count(close_quote), plain


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("uk", ["1 доставка", "2 доставки", "5 доставок", "11 доставок", "21 доставка", "22 доставки", "25 доставок"]),
        ("pl", ["1 wysyłka", "2 wysyłki", "5 wysyłek", "11 wysyłek", "21 wysyłek", "22 wysyłki", "25 wysyłek"]),
        ("en", [f"{count} deliver{'y' if count == 1 else 'ies'}" for count in COUNTS]),
    ],
)
def test_python_counts_as_the_language_does(language: str, expected: list[str]) -> None:
    with translation.override(language):
        said = [ngettext("%(count)d delivery", "%(count)d deliveries", count) % {"count": count} for count in COUNTS]
    assert said == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("uk", ["1 хвилину", "2 хвилини", "5 хвилин", "11 хвилин", "21 хвилину", "22 хвилини", "25 хвилин"]),
        ("pl", ["1 minutę", "2 minuty", "5 minut", "11 minut", "21 minut", "22 minuty", "25 minut"]),
        ("en", [f"{count} minute{'' if count == 1 else 's'}" for count in COUNTS]),
    ],
)
def test_templates_count_as_the_language_does(language: str, expected: list[str]) -> None:
    with translation.override(language):
        pages = [render_to_string("ui/errors/429.html", {"minutes": count}) for count in COUNTS]
    assert [words in page for words, page in zip(expected, pages, strict=True)] == [True] * len(COUNTS)


def test_a_word_with_two_meanings_is_told_apart() -> None:
    with translation.override("uk"):
        assert translation.pgettext("of a school", "Name") == "Назва"
        assert gettext("Name") == "Ім’я"


def test_sentences_of_libraries_are_theirs_and_said_our_way() -> None:
    libraries = [Path(allauth.__file__).parent, Path(django.__file__).parent / "conf"]
    libraries.append(Path(django.__file__).parent / "contrib" / "auth")
    theirs: set[str] = set()
    for library in libraries:
        with (library / "locale" / "uk" / "LC_MESSAGES" / "django.po").open("rb") as file:
            theirs |= {message.id for message in read_po(file, ignore_obsolete=True) if isinstance(message.id, str)}
    assert set(SENTENCES) <= theirs
    with translation.override("uk"):
        assert gettext("This field is required.") == "Це поле обов’язкове."
