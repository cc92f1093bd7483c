"""The message catalogues: what the sources say, and whether each language says it too. Babel alone does all of it."""

import argparse
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from kwiga.local.builders import LOCALE
from kwiga.local.errors import CommandError
from kwiga.local.paths import ROOT, write_private

LANGUAGES = ("uk", "pl")
# The command line speaks English to whoever starts it, and tests speak to nobody.
_UNREAD = ("kwiga/local/", "tests/", ".data/", ".venv/")
_KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[ds]|\{\w*\}")
_COMMENT_TAGS = ("Translators:",)


@dataclass(frozen=True)
class Language:
    """One catalogue as it is, and as the sources want it."""

    code: str
    path: Path
    updated: bytes
    catalogue: Catalog

    @property
    def is_current(self) -> bool:
        """Whether the file holds exactly the messages of the sources."""
        return self.path.exists() and self.path.read_bytes() == self.updated


def main(arguments: list[str]) -> int:
    """Updates locale/<language>/LC_MESSAGES/django.po of every language and says what is left to translate."""
    argparse.ArgumentParser(prog="python -m kwiga.local messages", description=main.__doc__).parse_args(arguments)
    for language in read_languages():
        if not language.is_current:
            language.path.parent.mkdir(parents=True, exist_ok=True)
            write_private(language.path, language.updated.decode())
            language.path.chmod(0o644)
        print(f"{language.code}: {len(language.catalogue)} messages, {len(_open(language.catalogue))} to translate")
    return 0


def find_faults() -> list[str]:
    """What keeps the catalogues from being complete, one line each; none when they are."""
    faults = []
    for language in read_languages():
        if not language.is_current:
            faults.append(f"{language.code}: not what the sources say, run .venv/bin/python -m kwiga.local messages")
        faults += [f"{language.code}: {_first(message)!r} {reason}" for message, reason in _open(language.catalogue)]
    return faults


def read_languages() -> list[Language]:
    """Each language's catalogue brought up to the sources in memory; the files stay as they are."""
    template = extract_messages()
    return [_updated(code, template) for code in LANGUAGES]


def extract_messages() -> Catalog:
    """Every message of the Python files and templates of the project."""
    template = Catalog(project="Kwiga", version="1", charset="utf-8", fuzzy=False)
    for path in _sources():
        method = "python" if path.suffix == ".py" else "kwiga.extraction:extract_template"
        name = str(path.relative_to(ROOT))
        found = extract_from_file(method, path, keywords=_KEYWORDS, comment_tags=_COMMENT_TAGS)
        for _line, text, comments, context in found:
            template.add(text, locations=[(name, 0)], auto_comments=comments, context=context)
    return template


def _sources() -> list[Path]:
    paths = [*ROOT.glob("*/**/*.py"), *ROOT.glob("templates/**/*.html"), *ROOT.glob("templates/**/*.txt")]
    names = {str(path.relative_to(ROOT)): path for path in paths}
    return [path for name, path in sorted(names.items()) if not name.startswith(_UNREAD)]


def _updated(code: str, template: Catalog) -> Language:
    path = LOCALE / code / "LC_MESSAGES" / "django.po"
    catalogue = _read(path, code) if path.exists() else _new(code, template)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    text = io.BytesIO()
    write_po(text, catalogue, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return Language(code, path, _without_dates(text.getvalue()), catalogue)


def _new(code: str, template: Catalog) -> Catalog:
    return Catalog(locale=code, project="Kwiga", version="1", charset="utf-8", creation_date=template.creation_date)


def _read(path: Path, code: str) -> Catalog:
    try:
        with path.open("rb") as file:
            return read_po(file, locale=code, abort_invalid=True)
    except Exception as error:
        raise CommandError(f"{path.relative_to(ROOT)} cannot be read: {error}") from error


def _without_dates(text: bytes) -> bytes:
    """Dates, names and versions of tools would make every run a change of their own."""
    dropped = (
        b'"POT-Creation-Date',
        b'"PO-Revision-Date',
        b'"Last-Translator',
        b'"Language-Team',
        b'"Generated-By',
        b'"Report-Msgid',
    )
    header, separator, rest = text.partition(b"\n\n")
    lines = [line for line in header.split(b"\n") if line.startswith(b'"') or line.startswith(b"msg")]
    kept = [line for line in lines if not line.startswith(dropped)]
    return b"\n".join(kept) + separator + rest


def _open(catalogue: Catalog) -> list[tuple[Message, str]]:
    """The messages that are not translated, are fuzzy, or lost a placeholder."""
    found = []
    for message in catalogue:
        if not message.id:
            continue
        strings = [
            text or "" for text in (message.string if isinstance(message.string, list | tuple) else [message.string])
        ]
        if not all(strings):
            found.append((message, "is not translated"))
        elif message.fuzzy:
            found.append((message, "is marked fuzzy"))
        elif not _keeps_placeholders(message, strings):
            found.append((message, "lost or gained a placeholder"))
    return found


def _keeps_placeholders(message: Message, strings: Sequence[str]) -> bool:
    """Each form has the placeholders of the English plural; the first, often for one alone, may follow the singular."""
    ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
    wanted = [_placeholders(text) for text in ids]
    first, *others = [_placeholders(text) for text in strings]
    return first in wanted and all(found == wanted[-1] for found in others)


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _first(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, list | tuple) else message.id)
