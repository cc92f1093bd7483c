"""What contacts wrote stands in addresses, headers and bodies as a value, and as nothing else."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from automations.placeholders import NAMES
from automations.webhooks.action import USUAL_BODY
from automations.webhooks.checks import problems_with
from automations.webhooks.rendering import body_with, headers_with, url_with

HOSTILE = [
    'Anna "A" O\'Hara',
    "a&b=c#d?e/f",
    "<b>bold</b> _x_ *y*",
    "two\r\nlines\tand a tab",
    "back\\slash \\u0041 \\",
    "{{ contact.email }}",
    "{% load x %}{{{ }}} {0} %s $x",
    "\u2028\u2029 Оля 🦊 \u202e",
    '", "admin": true, "x": "',
    "../../etc/passwd",
    "\x00\x07",
]


def values(name: str) -> dict[str, str]:
    return {"contact.name": name, "contact.email": "secret@example.test"}


@pytest.mark.spec("P7.1: a value arrives whole in a webhook's address")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_in_an_address_arrives_whole_and_alone(name: str) -> None:
    url = url_with("https://bot.example/u/{{ contact.name }}?user={{contact.name}}&a=1", values(name))
    parts = urlsplit(url)
    assert (parts.netloc, parts.fragment, parts.path.count("/")) == ("bot.example", "", 2)
    assert parse_qsl(parts.query, keep_blank_values=True) == [("user", name), ("a", "1")]


@pytest.mark.spec("D2: a value in a webhook's body is a value of JSON")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_in_a_body_is_one_string(name: str) -> None:
    body = body_with('{"who": {"name": "{{ contact.name }}", "deep": {"x": {"y": 1}}}}', values(name))
    assert json.loads(body) == {"who": {"name": name, "deep": {"x": {"y": 1}}}}


@pytest.mark.spec("D3: a value in a header of a webhook ends no line")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_in_a_header_stays_on_its_line(name: str) -> None:
    headers = headers_with([["X-Name", "n: {{ contact.name }}"]], values(name))
    assert list(headers) == ["X-Name"]
    assert not any(ord(sign) < 32 or ord(sign) == 127 for sign in headers["X-Name"])
    assert headers["X-Name"].startswith("n:")


@pytest.mark.parametrize(
    "name",
    ["Host", "content-length", "Transfer-Encoding", "webhook-id", "Webhook-Signature", "X-A\r\nB", "", "Ö", "a b"],
)
def test_headers_of_the_store_are_its_own(name: str) -> None:
    assert headers_with([[name, "x"]], {}) == {}
    assert any(
        "header" in problem for problem in problems_with({"url": "https://a.example/", "headers": [[name, "x"]]})
    )


def test_words_that_nobody_knows_leave_nothing() -> None:
    assert url_with("https://a.example/?x={{ secret_key }}", {"secret_key": "1"}) == "https://a.example/?x="
    assert body_with('"{{ contact.password }}"', {"contact.password": "1"}) == '""'


def test_the_usual_body_is_json_with_known_words() -> None:
    said = json.loads(body_with(USUAL_BODY, {"contact.email": "a@b.test", "contact.external_id": "bot-7"}))
    assert said["data"]["contact"] == {"email": "a@b.test", "name": "", "external_id": "bot-7"}
    assert problems_with({"url": "https://a.example/", "body": USUAL_BODY}) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "Write the address"),
        ({"url": "http://a.example/"}, "begin with https"),
        ({"url": "https://a.example:8443/"}, "443"),
        ({"url": "https://127.0.0.1/"}, "private network"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "private network"),
        ({"url": "https://{{ contact.name }}.example/"}, "written out"),
        ({"url": "https://a@b.example/"}, "no address"),
        ({"url": "https://a.example/", "headers": [["X-A", "1\r\nX-B: 2"]]}, "one line"),
        ({"url": "https://a.example/", "body": "{not json"}, "not JSON"),
        ({"url": "https://a.example/", "body": '{"x": "{{ nothing }}"}'}, "not a known word"),
        ({"url": "https://a.example/?x={{ nothing }}"}, "not a known word"),
        ({"url": "https://a.example/", "headers": [["X-A", "{{ nothing }}"]]}, "not a known word"),
    ],
)
@pytest.mark.spec("K05.3")
def test_what_cannot_be_called_is_said_before_it_is_switched_on(settings: dict[str, object], words: str) -> None:
    assert any(words in problem for problem in problems_with(settings))


@pytest.mark.spec("P7.3")
def test_a_word_without_a_value_here_is_warned_of() -> None:
    known = frozenset(NAMES) - {"order.number"}
    (problem,) = problems_with({"url": "https://a.example/?order={{ order.number }}"}, known)
    assert problem == "“order.number” says nothing here."
