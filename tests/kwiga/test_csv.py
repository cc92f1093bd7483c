"""Tables as CSV that a spreadsheet opens as text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwiga.csv import BYTE_ORDER_MARK, guarded, head, line_of, unguarded

FORMULA_STARTS = "=+-@\t\r\n\0＝＋－＠"
LEADING = " \"'`\u00a0\u2018\u201c\ufeff\u200b"
cells = st.one_of(st.text(), st.text(alphabet=FORMULA_STARTS + LEADING + "a1;,"))


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.spec("D4")
@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=4))
def test_what_is_written_comes_back_and_nothing_is_a_formula(rows):
    table = read("".join(line_of(row) for row in rows))
    assert [[unguarded(cell) for cell in row] for row in table] == rows
    for cell in (cell for row in table for cell in row):
        assert not cell.startswith(tuple(FORMULA_STARTS))
        assert not cell.lstrip(LEADING.replace("'", "")).startswith(tuple(FORMULA_STARTS))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+380 44", "'+380 44"),
        ("\t=1", "'\t=1"),
        (' "=1', "' \"=1"),
        ("'=1", "''=1"),
        ("＝1", "'＝1"),
        ("\0=1", "'\0=1"),
        ("Olena", "Olena"),
        ("'quoted'", "'quoted'"),
        ("1-2", "1-2"),
        ("", ""),
    ],
)
def test_guard(cell, written):
    assert guarded(cell) == written
    assert unguarded(written) == cell


def test_raw_lines_are_left_alone():
    assert line_of(["=1", "a"], raw=True) == '"=1","a"\r\n'
    assert line_of(["=1", "a"]) == '"\'=1","a"\r\n'


def test_every_cell_is_in_quotes():
    """Another separator in the reader's country then splits no cell into a formula."""
    assert line_of(["a;=1", 'say "hi"']) == '"a;=1","say ""hi"""\r\n'


def test_only_people_get_the_byte_order_mark():
    assert head(["Order"]) == f'{BYTE_ORDER_MARK}"Order"\r\n'
    assert head(["order"], raw=True) == '"order"\r\n'
