"""What people type as a code, and when two are the same (trust C3)."""

import unicodedata
from collections.abc import Callable

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.codes import ALPHABET, CodeRefused, code_key, is_guessable, suggest_code, tidy_code
from coupons.models import Coupon
from coupons.selectors.finding import find_code
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory

ZERO_WIDTH = "\u200b"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("SPRING", "SPRING"),
        ("spring", "SPRING"),
        (" Spring ", "SPRING"),
        ("\tspring\n", "SPRING"),
        ("ｓｐｒｉｎｇ", "SPRING"),  # full width
        ("spr\u200bing", "SPRING"),
        ("\ufeffspring\u200f", "SPRING"),
        ("s\u00adpring", "SPRING"),  # soft hyphen
        ("spring\ufe0f", "SPRING"),
        ("spring\x00", "SPRING"),
        ("black friday", "BLACK-FRIDAY"),
        ("black  \u00a0 friday", "BLACK-FRIDAY"),
        ("Black-Friday", "BLACK-FRIDAY"),
        ("a_b", "A_B"),
        ("весна-2026", "ВЕСНА-2026"),
        ("и\u0306од", "ЙОД"),  # composed by NFKC
        ("straße", "STRASSE"),
        ("ﬁn", "FIN"),
        ("2026", "2026"),
        ("x" * 64, "X" * 64),
    ],
)
def test_the_form_in_which_codes_are_compared(typed: str, key: str) -> None:
    assert code_key(typed) == key == code_key(key)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter a code"),
        ("   ", "Enter a code"),
        (ZERO_WIDTH * 5, "Enter a code"),
        ("x", "at least 2"),
        ("x" * 65, "at most 64"),
        ("ß" * 40, "at most 64"),
        ("x" * 100_000, "at most 64"),
        ("a.b", "made of letters"),
        ("<script>", "made of letters"),
        ("SALE%0d%0a", "made of letters"),
        ("50%", "made of letters"),
        ("né\u0301", "made of letters"),
        ("sp🌸ring", "made of letters"),
        ("٣٣٣", "made of letters"),
        ("SРRING", "alphabets"),  # a Cyrillic Er
        ("АВС1X", "alphabets"),
    ],
)
def test_what_is_no_code(typed: str, says: str) -> None:
    with pytest.raises(CodeRefused, match=says):
        code_key(typed)


def test_a_code_is_kept_as_it_was_written_but_for_what_nobody_sees() -> None:
    assert tidy_code(" ｓpr\u200bing ") == "spring" and tidy_code("Black  Friday") == "Black  Friday"
    assert tidy_code("A\r\nB\u2028C\n") == "A B C" and code_key("A\r\nB\u2028C\n") == "A-B-C"


def test_suggested_codes_are_long_unmistakable_and_never_the_same() -> None:
    codes = {suggest_code() for _time in range(2_000)}
    assert len(codes) == 2_000
    assert all(len(code) == 12 and set(code) <= set(ALPHABET) and code_key(code) == code for code in codes)
    assert len(ALPHABET) == len(set(ALPHABET)) == 31 and not set("0O1IL") & set(ALPHABET)
    assert set("".join(codes)) == set(ALPHABET)
    assert not any(map(is_guessable, codes))


@pytest.mark.parametrize(
    ("code", "guessable"),
    [("SPRING", True), ("2026", True), ("SALE10", True), ("BLACKFRIDAYSALE", True), ("K7QX-9MPA", False)],
)
def test_words_numbers_and_short_codes_can_be_guessed(code: str, guessable: bool) -> None:
    assert is_guessable(code) == guessable


# --- Visual variants ---

_CHANGES: list[Callable[[str], str]] = [
    str.lower,
    str.title,
    str.swapcase,
    lambda text: f"  {text}\n",
    lambda text: ZERO_WIDTH.join(text),
    lambda text: f"\u202e{text}\u2066",
    lambda text: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text),
    lambda text: unicodedata.normalize("NFD", text),
]
_HOT = "HOT-EXPACK-24"
_LOOKALIKES = {
    "A": "А",
    "B": "В",
    "C": "С",
    "E": "Е",
    "H": "Н",
    "K": "К",
    "M": "М",
    "O": "О",
    "P": "Р",
    "T": "Т",
    "X": "Х",
}


@pytest.fixture
def hot(school: School) -> Coupon:
    return CouponFactory(school=school, code="Hot-Expack-24")


@pytest.mark.spec("C3: a variant of a code finds its coupon or none")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(changes=st.lists(st.sampled_from(_CHANGES), max_size=3))
def test_a_variant_of_a_code_finds_its_coupon(hot: Coupon, changes: list[Callable[[str], str]]) -> None:
    typed = _HOT
    for change in changes:
        typed = change(typed)
    with school_scope(hot.school_id):
        found = find_code(typed)
        assert found is not None and found.coupon_id == hot.pk and found.code == "Hot-Expack-24"


@pytest.mark.spec("C3: a code with letters of another alphabet finds nothing")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(swapped=st.sets(st.sampled_from([place for place, sign in enumerate(_HOT) if sign in _LOOKALIKES]), min_size=1))
def test_a_lookalike_finds_nothing(hot: Coupon, swapped: set[int]) -> None:
    typed = "".join(_LOOKALIKES[sign] if place in swapped else sign for place, sign in enumerate(_HOT))
    with school_scope(hot.school_id):
        assert find_code(typed) is None


@pytest.mark.spec("C3: two schools may have the same code")
def test_each_school_has_its_own_codes(school: School, other_school: School) -> None:
    here, there = (CouponFactory(school=each, code="SPRING") for each in (school, other_school))
    for each, coupon in ((school, here), (other_school, there)):
        with school_scope(each):
            found = find_code("spring")
            assert found is not None and found.coupon_id == coupon.pk
    CouponFactory(school=other_school, code="THEIRS")
    with school_scope(school):
        assert find_code("THEIRS") is None and find_code("<script>") is None


@given(st.text(st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Nd", "Pd", "Pc", "Mn", "Zs", "Cf"]), max_size=70))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
def test_the_database_takes_every_key_there_is(db: None, typed: str) -> None:
    """The check of the table: letters and digits as the database knows them, and its own capitals."""
    try:
        key = code_key(typed)
    except CodeRefused:
        return
    assert code_key(key) == key
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ '^[[:alnum:]_-]{2,64}$', upper(%s)", [key, key])
        assert cursor.fetchone() == (True, key)
