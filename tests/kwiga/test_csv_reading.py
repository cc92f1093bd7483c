"""Files as people have them, and as somebody makes them to break things (D5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwiga.csv import CELL_LIMIT, FileRefused, Limits, line_of, read_table

LIMITS = Limits(rows=100, megabytes=1)
pytestmark = pytest.mark.spec("D5")


def read(text: str, encoding: str = "utf-8") -> list[list[str]]:
    return read_table(text.encode(encoding), LIMITS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_letters_of_several_encodings(encoding):
    assert read("пошта,ім'я\na@x.test,Олена\n", encoding) == [["пошта", "ім'я"], ["a@x.test", "Олена"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines(delimiter, end):
    text = end.join([delimiter.join("abc"), delimiter.join(['"1"', '"2 ""x"" 3"', ""]), ""])
    assert read(text) == [["a", "b", "c"], ["1", '2 "x" 3', ""]]


def test_ragged_and_empty_lines_and_cells_with_breaks():
    assert read('a,b\n1\n\n , \n1,2,3\n"x\ny",2\n') == [["a", "b"], ["1"], ["1", "2", "3"], ["x\ny", "2"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'a,b\n"1,2\n3,4\n', "a quotation mark is missing"),
        (b'a,b\n"1"2,3\n', "a quotation mark is missing"),
        (b"a\0,b\n1,2\n", "signs that no text has"),
        (b"PK\x03\x04\x00\x00", "signs that no text has"),
        (b"\xff\xfea", "cannot be read"),
        (b"\x98\xff\x98", "cannot be read"),
        (b"x" * 1_000_001, "larger than 1 MB"),
        (b"a" + b",a" * 64, "more than 64 columns"),
        (b"a\n" + b"x" * (CELL_LIMIT + 1), "more than 4,000 signs"),
        (b"a\n" + b"x" * 500_000, "more than 4,000 signs"),
        (b"a\n" + b"1\n" * 101, "more than 100 lines"),
    ],
)
def test_what_is_refused_and_why(content, sentence):
    with pytest.raises(FileRefused, match=sentence):
        read_table(content, LIMITS)


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=20), min_size=2, max_size=5),
        max_size=8,
    )
)
def test_what_an_export_writes_is_read_back(table):
    text = "".join(line_of(line) for line in [["head", "second"], *table])
    assert read_table(text.encode(), LIMITS) == [["head", "second"], *(line for line in table if any(line))]
