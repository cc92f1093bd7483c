"""Money: exact in both directions for every exponent, and written as each language writes it."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kwiga.money import CURRENCIES, exponent, format_money, parse_major, to_major, to_minor

EXPONENTS = {"JPY": 0, "UAH": 2, "KWD": 3}
# More than any order; a form takes 15 digits, and a bigint holds them in minor units.
amounts = st.integers(min_value=0, max_value=10**15 - 1)


@pytest.mark.parametrize(("currency", "digits"), EXPONENTS.items())
def test_each_currency_has_its_own_number_of_decimals(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


def test_every_currency_on_the_list_is_known() -> None:
    assert {exponent(currency) for currency in CURRENCIES} == {0, 2, 3}
    assert len(set(CURRENCIES)) == len(CURRENCIES)


@pytest.mark.parametrize("currency", EXPONENTS)
@given(minor=st.integers(min_value=-(10**15), max_value=10**15))
def test_minor_to_major_and_back_is_exact(currency: str, minor: int) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor


@pytest.mark.parametrize("currency", EXPONENTS)
@given(minor=amounts)
def test_what_a_form_shows_is_read_back_as_the_same_sum(currency: str, minor: int) -> None:
    assert parse_major(f"{to_major(minor, currency):f}", currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"), [("1.5", "JPY"), ("0.001", "UAH"), ("0.0001", "KWD"), ("1200.505", "EUR")]
)
def test_more_decimals_than_the_currency_has_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match=f"{currency} has"):
        to_minor(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1200", "UAH", 120_000),
        ("1 200,50", "UAH", 120_050),
        ("1\N{NO-BREAK SPACE}200.5", "UAH", 120_050),
        ("1\N{NARROW NO-BREAK SPACE}200", "PLN", 120_000),
        (" 0 ", "EUR", 0),
        ("0,10", "EUR", 10),
        ("1500", "JPY", 1_500),
        ("1500.00", "JPY", 1_500),
        ("1.234", "KWD", 1_234),
        ("12.50000", "USD", 1_250),
        ("007", "USD", 700),
    ],
)
def test_what_people_type_is_understood(text: str, currency: str, minor: int) -> None:
    assert parse_major(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-1",
        "+1",
        "1.2.3",
        "1,200.50",
        "1,",
        ".5",
        "1e3",
        "NaN",
        "Infinity",
        "0x10",
        "١٢",
        "²",
        "12 UAH",
        "9" * 16,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_major(text, "UAH")


@given(text=st.text(max_size=30))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        minor = parse_major(text, "UAH")
    except ValueError:
        return
    assert 0 <= minor < 10**17


NBSP, NNBSP = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "minor", "currency", "text"),
    [
        ("en", 120_000, "UAH", f"UAH{NBSP}1,200"),
        ("en", 120_050, "UAH", f"UAH{NBSP}1,200.50"),
        ("en", 120_000, "USD", "$1,200"),
        ("en", 5, "USD", "$0.05"),
        ("en", 0, "EUR", "€0"),
        ("en", 1_500, "JPY", "¥1,500"),
        ("en", 1_234, "KWD", f"KWD{NBSP}1.234"),
        ("en", 1_000, "KWD", f"KWD{NBSP}1"),
        ("en", -120_050, "USD", "-$1,200.50"),
        ("uk", 120_000, "UAH", f"1{NBSP}200{NBSP}₴"),
        ("uk", 120_050, "UAH", f"1{NBSP}200,50{NBSP}₴"),
        ("uk", 1_500, "JPY", f"1{NBSP}500{NBSP}¥"),
        ("pl", 1_234_550, "PLN", f"12{NBSP}345,50{NBSP}zł"),
        ("pl", 120_000, "PLN", f"1{NBSP}200{NBSP}zł"),
        ("pl", 120_000, "UAH", f"1{NBSP}200{NBSP}UAH"),
    ],
)
def test_each_language_writes_sums_its_way(language: str, minor: int, currency: str, text: str) -> None:
    with translation.override(language):
        assert format_money(minor, currency) == text


@pytest.mark.parametrize("language", ["en", "uk", "pl"])
@pytest.mark.parametrize("currency", EXPONENTS)
@given(minor=amounts)
def test_all_digits_of_the_sum_are_shown(language: str, currency: str, minor: int) -> None:
    with translation.override(language):
        shown = "".join(sign for sign in format_money(minor, currency) if sign.isdecimal())
    whole = minor % 10 ** exponent(currency) == 0
    expected = str(minor // 10 ** exponent(currency)) if whole else str(minor).zfill(exponent(currency) + 1)
    assert shown == expected


def test_without_a_language_sums_are_english() -> None:
    with translation.override(None):
        assert format_money(120_000, "USD") == "$1,200"
