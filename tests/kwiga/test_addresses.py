"""Which email addresses the store writes to."""

import pytest
from django.core.exceptions import ValidationError

from kwiga.addresses import AddressField, validate_address


@pytest.mark.parametrize("address", ["olena@example.test", "o.k+tag@x.test", "o'neil=1@x.test", "why?@x.test"])
def test_plain_addresses_are_good(address):
    validate_address(address)
    assert AddressField().clean(f" {address} ") == address


@pytest.mark.spec("D3: an address that spells another one in a header is refused")
@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q?victim=40evil.test=2C?=@x.test",
        "=?utf-8?q?a=0D=0Ab?=@x.test",
        "=?utf-8?b?DQo=?=@x.test",
        "=?utf-7?q?&AA0ACg-b?=@x.test",
        "a=?iso-8859-1?q?=3E?=@x.test",
        "a@x.test\r\nBcc: b@x.test",
        "a@x.test\nb@x.test",
        "a@x.test\u2028b@x.test",
        "a@x.test,b@x.test",
        "a@x.test;b@x.test",
        "a@x.test b@x.test",
        "A <a@x.test>",
        "a@x.test\0",
        "a\u0085@x.test",
        "",
    ],
)
def test_what_a_header_would_read_as_something_else_is_refused(address):
    with pytest.raises(ValidationError):
        validate_address(address)
    with pytest.raises(ValidationError):
        AddressField().clean(address.replace("\0", "") + "=?")
