"""How many wrong codes may somebody try? Misses alone are counted, per client and page (trust C1).

Whoever tries a right code, or opens a link with one, is never counted. While a client is blocked no code reaches the
database, the right one neither, so that a script learns nothing by going on.
"""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from contacts.models import Contact
from kwiga import limits
from kwiga.clients import client_address

SECONDS = 600
OWN, NEIGHBORS = 10, 200


@dataclass(frozen=True)
class Tries:
    """Those of one client at one page: an offer's, a course's or the store's."""

    keys: tuple[tuple[str, str, int], ...]  # name of the limit, whose, how many misses

    def blocked_until(self) -> datetime | None:
        """When codes can be tried again (UTC); None when they can be now. Counts nothing."""
        found = (limits.blocked_until(name, key, times=times, seconds=SECONDS) for name, key, times in self.keys)
        return next((until for until in found if until), None)

    def count_miss(self) -> None:
        for name, key, times in self.keys:
            limits.allow(name, key, times=times, seconds=SECONDS)


def tries_of(request: Any, contact: Contact | None, page: str) -> Tries:
    """Somebody signed in has a count of their own, whatever the network does; others share their address's.

    Behind one address stands one home or school; a block of addresses gets more, and not without end.
    """
    if contact:
        return Tries((("code-misses", f"contact {contact.pk} {page}", OWN),))
    address = client_address(request)
    own = ("code-misses", f"{request.school.pk} {page} {limits.address_key(address)}", OWN)
    return Tries((own, ("code-misses-near", f"{request.school.pk} {page} {_block(address)}", NEIGHBORS)))


def _block(text: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 one: what one provider gives to one customer at most."""
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))
