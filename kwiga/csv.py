"""Tables as CSV that a spreadsheet opens as text: no cell of ours ever becomes a formula (trust D4)."""

import csv
import io
import re
from collections.abc import Iterable

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
