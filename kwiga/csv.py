"""Tables as CSV: written so that no cell of ours becomes a formula (trust D4), read as whatever people have (D5)."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext as _

from kwiga.errors import DomainError

# A spreadsheet reads a cell that begins so as a formula; the wide forms are folded by some of them.
_FORMULA = re.compile(r"[\s\"'`\u2018-\u201f\ufeff\u200b-\u200f\u2060]*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")
_GUARD = "'"
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the local code page


def guarded(cell: str) -> str:
    """The cell with an apostrophe in front when a spreadsheet would calculate it, also behind quotes or spaces."""
    return _GUARD + cell if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """What the cell held before `guarded`; an apostrophe that was there by itself stays."""
    bare = cell.removeprefix(_GUARD)
    return bare if bare != cell and _FORMULA.match(bare) else cell


def line_of(cells: Iterable[str], *, raw: bool = False) -> str:
    """One line, every cell in quotes; `raw` leaves the cells as they are, for machines."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow(cells if raw else map(guarded, cells))
    return text.getvalue()


def head(cells: Iterable[str], *, raw: bool = False) -> str:
    """The first line of a file; it carries the byte order mark unless a machine reads it."""
    return ("" if raw else BYTE_ORDER_MARK) + line_of(cells, raw=raw)


# --- Reading ---

COLUMNS_LIMIT = 64
CELL_LIMIT = 4_000
_DELIMITERS = (",", ";", "\t")


class FileRefused(DomainError):
    """The file is no table that can be read."""


@dataclass(frozen=True)
class Limits:
    """How large a file may be."""

    rows: int
    megabytes: int


def read_table(content: bytes, limits: Limits) -> list[list[str]]:
    """The lines of a file that are not empty, their cells tidied and without the guard of an export; its head first.

    Reads UTF-8, UTF-16 with its mark, and what Windows writes in Cyrillic; comma, semicolon or tab. Lines may be of
    different lengths. Raises FileRefused with a sentence for whoever sent it.
    """
    _refuse_large(len(content), limits)
    text = _decoded(content)
    if "\0" in text:
        raise FileRefused(_("This is not a table in CSV: it holds signs that no text has."))
    lines = []
    for line in _lines(text):
        lines.append([unguarded(cell.strip()) for cell in line])
        if len(lines) > limits.rows + 1:
            raise FileRefused(_("The file has more than %(limit)s lines. Split it.") % {"limit": f"{limits.rows:,}"})
    return lines


def read_upload(upload: "File[Any]", limits: Limits) -> bytes:
    """What an uploaded file holds; one that is too large is refused before it is read. Raises FileRefused."""
    _refuse_large(upload.size, limits)
    return bytes(upload.read())


def _refuse_large(size: int, limits: Limits) -> None:
    if size > limits.megabytes * 1_000_000:
        raise FileRefused(_("The file is larger than %(limit)d MB. Split it.") % {"limit": limits.megabytes})


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1251")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused(_("The letters of the file cannot be read. Save it as “CSV UTF-8”."))


def _lines(text: str) -> Iterable[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        try:
            line = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused(_reason(error) % {"line": reader.line_num}) from error
        if len(line) > COLUMNS_LIMIT:
            raise FileRefused(_("Line %(line)d has more than 64 columns.") % {"line": reader.line_num})
        if any(len(cell) > CELL_LIMIT for cell in line):
            raise FileRefused(_too_long() % {"line": reader.line_num})
        if any(cell.strip() for cell in line):
            yield line


def _reason(error: csv.Error) -> str:
    """The reader gives up a cell of 128 KiB before it is whole."""
    is_long = "field limit" in str(error)
    return _too_long() if is_long else _("Line %(line)d cannot be read: a quotation mark is missing or one too many.")


def _too_long() -> str:
    return _("Line %(line)d has a cell of more than 4,000 signs.")


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max(_DELIMITERS, key=head.count)
