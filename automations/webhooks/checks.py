"""What is wrong with a webhook before it is ever called, as sentences for its author."""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automations.placeholders import NAMES
from automations.webhooks.rendering import body_with, is_header_name, unknown_in_body, url_with
from kwiga.outbound import AddressRefused, refuse_private
from offers.placeholders import unknown_names

ADDRESS_SENTENCES: dict[str, str | Promise] = {
    "scheme": _("The address has to begin with https://."),
    "port": _("The store calls port 443 alone."),
    "form": _("This is no address that can be called."),
    "unknown": _("Nobody knows this address."),
    "private": _("The store does not call addresses inside a private network."),
}
MOST_HEADERS, LONGEST_BODY = 10, 20_000
_SAMPLES = dict.fromkeys(NAMES, "1")


def problems_with(settings: dict[str, Any]) -> list[str]:
    """Why a call with these settings (`url`, `headers`, `body`) cannot be made; empty when it can."""
    url, headers, body = settings.get("url", ""), settings.get("headers", []), settings.get("body", "")
    return [*_of_address(url), *_of_headers(headers), *_of_body(body)]


def _of_address(url: str) -> Iterator[str]:
    if not url:
        yield gettext("Write the address to call.")
        return
    host = url.partition("://")[2].partition("/")[0].partition("?")[0]
    if "{{" in host or "{{" in url.partition("://")[0]:
        yield gettext("The server has to be written out; placeholders go behind it.")
        return
    yield from _of_words(url)
    try:
        refuse_private(url_with(url, _SAMPLES))
    except AddressRefused as refused:
        yield str(ADDRESS_SENTENCES[refused.reason])


def _of_headers(headers: list[list[str]]) -> Iterator[str]:
    if len(headers) > MOST_HEADERS:
        yield gettext("At most %(count)d headers.") % {"count": MOST_HEADERS}
    for name, text in headers:
        if not is_header_name(name):
            yield gettext("“%(name)s” cannot be set as a header.") % {"name": name}
        if any(sign in text for sign in "\r\n\x00"):
            yield gettext("The header “%(name)s” has to be one line.") % {"name": name}
        yield from _of_words(text)


def _of_body(body: str) -> Iterator[str]:
    if len(body) > LONGEST_BODY:
        yield gettext("The body is too long.")
    for name in unknown_in_body(body):
        yield _no_word(name)
    if body and not _is_json(body_with(body, _SAMPLES)):
        yield gettext("The body is not JSON. Placeholders for texts go between quotes.")


def _of_words(text: str) -> Iterator[str]:
    for name in unknown_names(text, frozenset(NAMES)):
        yield _no_word(name)


def _no_word(name: str) -> str:
    return gettext("There is no placeholder “%(name)s”.") % {"name": name}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
