"""Where may a form lead back to? Only to an address of the same host (trust P7)."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

_LONGEST = 2_000


def safe_next(request: HttpRequest, address: str) -> str:
    """The address when it is a path of the request's own host, else empty: no other host, no scheme, no `//`."""
    if not address.startswith("/") or len(address) > _LONGEST:
        return ""
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else ""
