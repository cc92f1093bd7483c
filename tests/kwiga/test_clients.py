"""Whose request is it? Only our own proxies are believed."""

import pytest
from django.test import RequestFactory

from kwiga.clients import client_address


@pytest.mark.parametrize(
    ("trusted", "forwarded", "peer", "address"),
    [
        ([], "", "198.51.100.7", "198.51.100.7"),
        ([], "203.0.113.9", "198.51.100.7", "198.51.100.7"),
        (["198.51.100.7"], "203.0.113.9", "198.51.100.7", "203.0.113.9"),
        (["198.51.100.7"], "1.2.3.4, 203.0.113.9", "198.51.100.7", "203.0.113.9"),
        (["198.51.100.0/24"], "1.2.3.4, 203.0.113.9, 198.51.100.8", "198.51.100.7", "203.0.113.9"),
        (["198.51.100.7"], "", "198.51.100.7", "198.51.100.7"),
        (["198.51.100.7"], "nonsense", "198.51.100.7", "198.51.100.7"),
        (["198.51.100.7"], "1.2.3.4, nonsense", "198.51.100.7", "198.51.100.7"),
        (["::1"], "2001:db8::1", "::1", "2001:db8::1"),
    ],
)
def test_the_last_address_that_is_not_ours(settings, trusted, forwarded, peer, address):
    settings.TRUSTED_PROXIES = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(RequestFactory(headers=headers).get("/", REMOTE_ADDR=peer)) == address
