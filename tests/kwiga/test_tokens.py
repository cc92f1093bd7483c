"""Random strings: long enough, from the operating system, and kept as digests."""

import base64
import hashlib
import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwiga.tokens import address_token, digest, secret_token

ALPHANUMERIC = set(string.ascii_letters + string.digits)


def test_an_address_is_letters_and_digits() -> None:
    tokens = [address_token() for _ in range(1000)]
    assert {len(token) for token in tokens} == {12}
    assert set("".join(tokens)) == ALPHANUMERIC
    assert len(set(tokens)) == 1000


def test_an_address_has_more_than_seventy_bits() -> None:
    assert 12 * math.log2(len(ALPHANUMERIC)) > 70


@pytest.mark.parametrize("length", [1, 8, 40])
def test_its_length_can_be_chosen(length: int) -> None:
    assert len(address_token(length)) == length


def test_a_secret_has_128_bits_and_fits_into_an_address() -> None:
    tokens = {secret_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(base64.urlsafe_b64decode(token + "==")) == 16 for token in tokens)
    assert set("".join(tokens)) <= ALPHANUMERIC | {"-", "_"}


@given(token=st.text(max_size=60))
def test_a_digest_is_sha256_in_hexadecimal(token: str) -> None:
    assert digest(token) == hashlib.sha256(token.encode()).hexdigest()
    assert len(digest(token)) == 64


def test_a_digest_does_not_show_the_token() -> None:
    token = secret_token()
    assert token not in digest(token)
    assert digest(token) == digest(token)
