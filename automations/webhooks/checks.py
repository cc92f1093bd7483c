"""What is wrong with a webhook before it is ever called, as sentences for its author."""

import json
from collections.abc import Collection, Iterator
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


def problems_with(settings: dict[str, Any], known: Collection[str] = frozenset(NAMES)) -> list[str]:
    """Why a call with these settings (`url`, `headers`, `body`) cannot be made; empty when it can.

    `known` are the placeholders that have a value where the call is made.
    """
    url, headers, body = settings.get("url", ""), settings.get("headers", []), settings.get("body", "")
    lines = [url, *(text for _name, text in headers)]
    words = [*(word for line in lines for word in unknown_names(line, frozenset(known))), *unknown_in_body(body, known)]
    unknown = [unknown_word(word) for word in dict.fromkeys(words)]
    return [*address_problems(url), *header_problems(headers), *body_problems(body), *unknown]


def unknown_word(name: str) -> str:
    """What to say of a placeholder without a value."""
    words = gettext("“%(name)s” says nothing here.") if name in NAMES else gettext("“%(name)s” is not a known word.")
    return words % {"name": name}


def address_problems(url: str) -> Iterator[str]:
    """Why an address cannot be called."""
    if not url:
        yield gettext("Write the address to call.")
        return
    host = url.partition("://")[2].partition("/")[0].partition("?")[0]
    if "{{" in host or "{{" in url.partition("://")[0]:
        yield gettext("The server has to be written out; placeholders go behind it.")
        return
    try:
        refuse_private(url_with(url, _SAMPLES))
    except AddressRefused as refused:
        yield str(ADDRESS_SENTENCES[refused.reason])


def header_problems(headers: list[list[str]]) -> Iterator[str]:
    """Why headers cannot be sent."""
    if len(headers) > MOST_HEADERS:
        yield gettext("At most %(count)d headers.") % {"count": MOST_HEADERS}
    for name, text in headers:
        if not is_header_name(name):
            yield gettext("“%(name)s” cannot be set as a header.") % {"name": name}
        if any(sign in text for sign in "\r\n\x00"):
            yield gettext("The header “%(name)s” has to be one line.") % {"name": name}


def body_problems(body: str) -> Iterator[str]:
    """Why a body cannot be sent."""
    if len(body) > LONGEST_BODY:
        yield gettext("The body is too long.")
    if body and not _is_json(body_with(body, _SAMPLES)):
        yield gettext("The body is not JSON. Placeholders for texts go between quotes.")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
