"""What a school types as an address never leads into the machine's own network."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from kwiga.outbound import AddressRefused, NoAnswer, is_public, post, refuse_private, target_of
from tests.support.outbound import Names

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b:1::7f00:1",
    "64:ff9b::a00:1",
    "2001:0:7f00:1::",
    "2620:0:1::5efe:127.0.0.1",
    "2620:0:1::200:5efe:10.0.0.1",
    "fec0::1",
    "fd00:ec2::254",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "100::1",
    "100.100.100.200",
    "168.63.129.16",
    "::ffff:168.63.129.16",
    "192.0.0.192",
    "192.88.99.1",
]
NUMBERS = [
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::7f00:1]/",
    "https://[0:0:0:0:0:ffff:169.254.169.254]/",
    "https://2852039166/latest/meta-data/",
    "https://0xA9FEA9FE/",
    "https://0251.0376.0251.0376/",
    "https://0xa9.254.0251.254/",
    "https://169.254.43518/",
    "https://169.254.169.254.:443/",
    "https://①②⑦.⓪.⓪.①/",
    "https://𝟏𝟐𝟕.0.0.1/",
    "https://loc\u00adalhost/",
    "https://loc\u200balhost/",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "https://ＬＯＣＡＬＨＯＳＴ/",
    "https://127.0.0.1./",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://shop.localhost/",
    "https://router.local/",
    "https://metadata.google.internal/",
]
MALFORMED = [
    "",
    "https://",
    "https:///path",
    "//example.com/",
    "https://user@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com:99999/",
    "https://user:pass@example.com/",
    "https://example.com:443@127.0.0.1/",
    "https://@127.0.0.1/",
    "https://127.0.0.1\t@example.com/",
    "https://example.com#@127.0.0.1\n/",
    "https://example.com:443:80/",
    "https://example.com:-1/",
    "https://example.com:４４３x/",
    "https://[::1/",
    "https://[v1.x]/",
    "https://a..example/",
    "https://.example.com/",
    "https://exa mple.com/",
    "https://example.com/\r\nHost: other",
    "https://example.com\\@127.0.0.1/",
    "https://[fe80::1%25eth0]/",
    "https://%31%32%37.0.0.1/",
]


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The addresses that a connection was opened to; none is."""
    opened: list[Any] = []

    def connect(address: Any, *args: Any, **options: Any) -> Any:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return opened


@pytest.mark.spec("D9: addresses of private networks are refused, in whatever way they are written")
@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_stands_for_a_private_address_is_not_called(address: str, names: Names, reached: list[Any]) -> None:
    assert not is_public(ip_address(address))
    names["evil.example"] = [[address]]
    with pytest.raises(AddressRefused, match="private"):
        post("https://evil.example/", body=b"", headers={})
    assert reached == []


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_called(address: str, names: Names, reached: list[Any]) -> None:
    names["good.example"] = [[address]]
    with pytest.raises(NoAnswer, match="ConnectionRefusedError"):
        post("https://good.example/", body=b"", headers={})
    assert reached == [(address, 443)]


@pytest.mark.spec("D9")
@pytest.mark.spec("K05.3")
@pytest.mark.parametrize("url", NUMBERS)
def test_numbers_and_names_of_this_machine_are_refused_before_anything_is_asked(url: str, reached: list[Any]) -> None:
    with pytest.raises(AddressRefused, match=r"private|form"):
        refuse_private(url)
    with pytest.raises(AddressRefused):
        post(url, body=b"", headers={})
    assert reached == []


@pytest.mark.spec("D9")
def test_one_private_address_among_public_ones_is_enough(names: Names, reached: list[Any]) -> None:
    names["mixed.example"] = [["93.184.216.34", "127.0.0.1"]]
    with pytest.raises(AddressRefused, match="private"):
        post("https://mixed.example/", body=b"", headers={})
    assert reached == []


@pytest.mark.spec("D9: a name server that changes its mind changes nothing")
def test_a_name_is_resolved_once(names: Names, reached: list[Any]) -> None:
    names["rebinding.example"] = [["93.184.216.34"], ["127.0.0.1"]]
    with pytest.raises(NoAnswer):
        post("https://rebinding.example/", body=b"", headers={})
    assert reached == [("93.184.216.34", 443)]
    with pytest.raises(AddressRefused, match="private"):
        post("https://rebinding.example/", body=b"", headers={})


def test_every_public_address_of_a_name_is_tried(names: Names, reached: list[Any]) -> None:
    names["two.example"] = [["93.184.216.34", "8.8.8.8"]]
    with pytest.raises(NoAnswer):
        post("https://two.example/", body=b"", headers={})
    assert reached == [("93.184.216.34", 443), ("8.8.8.8", 443)]


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused, match=r"form|scheme"):
        target_of(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/", "scheme"),
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "form"),
        ("gopher://example.com/", "scheme"),
        ("https://example.com:8443/", "port"),
        ("https://example.com:22/", "port"),
        ("https://example.com:0/", "port"),
    ],
)
def test_https_on_its_own_port_alone(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused, match=reason):
        target_of(url)


def test_an_unknown_name_is_told_apart(names: Names) -> None:
    with pytest.raises(AddressRefused, match="unknown"):
        post("https://nobody.example/", body=b"", headers={})
