"""Which address does a request come from?"""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The right-most address on the way here that is not one of TRUSTED_PROXIES (addresses or networks).

    What a client writes into X-Forwarded-For stands to the left of what our proxies add, so it is never believed.
    """
    way = [*request.headers.get("X-Forwarded-For", "").split(","), request.META.get("REMOTE_ADDR", "")]
    hops = [hop.strip() for hop in way if hop.strip()]
    for hop in reversed(hops):
        if not _is_address(hop):
            break
        if not _is_trusted(hop):
            return hop
    return str(request.META.get("REMOTE_ADDR", ""))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str) -> bool:
    return any(ip_address(address) in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES)
