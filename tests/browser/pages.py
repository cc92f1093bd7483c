"""Every page that a person can look at, taken from the crawler's matrix, so that no page is forgotten."""

from collections.abc import Iterator

from django.conf import settings
from django.test import Client
from django.urls import reverse

from schools.models import User
from tests.support.people import signed_in
from tests.tenancy import url_matrix
from tests.tenancy.url_matrix import Guest, Public, Staff
from tests.tenancy.world import World

ERRORS = ("bad-request", "forbidden", "not-found", "gone", "too-many", "server-error", "unavailable", "csrf")

# Pages of the matrix that show more when asked: forms of the editor that are open, a narrowed list, found people.
_STEPS = ("coupon", "mail", "condition", "notify", "webhook")
ASKED = {
    "automations:step_add": [f"?at=0&kind={kind}" for kind in _STEPS],
    "automations:trigger": ["?another", "?trigger=assignment.accepted"],
    "automations:new": ["?recipe=unpaid"],
    "contacts:list": ["?q=a&news=open"],
    "contacts:lists_new": ["?kind=dynamic"],
    "contacts:merge": ["?q=a"],
}


def pages_for(user: User, world: World, root: str, site: str) -> list[str]:
    """The addresses that answer with a page for this member and for a visitor of the school's site."""
    client = signed_in(user)
    found = [f"{root}{path}" for path in _paths(world) if _is_page(client, path)]
    visitor = Client(headers={"host": f"{world.school.slug}.localhost"})
    found += [f"{site}{path}" for path in _site_paths(world) if _is_page(visitor, path)]
    return found


def public_pages(world: World, root: str) -> list[str]:
    """The addresses of the root host that answer with a page for somebody not signed in."""
    client = Client(headers={"host": "localhost"})
    rows = {name: row for name, row in url_matrix.ROOT.items() if isinstance(row, Public | Guest)}
    paths = [_root_path(name, row, world) for name, row in rows.items()]
    return [f"{root}{path}" for path in paths if _is_page(client, path)]


def _paths(world: World) -> Iterator[str]:
    for name, row in url_matrix.ROOT.items():
        path = _root_path(name, row, world)
        yield path
        yield from (path + asked for asked in ASKED.get(name, []))


def _root_path(name: str, row: object, world: World) -> str:
    if isinstance(row, Staff | Guest):
        return reverse(name, args=[world.school.slug, *row.args(world)])
    args = row.args(world) if isinstance(row, Public) else row.args  # type: ignore[attr-defined]
    return reverse(name, args=args)


def _site_paths(world: World) -> Iterator[str]:
    for name, row in url_matrix.SITE.items():
        yield reverse(name, urlconf=settings.SITE_URLCONF, args=row.args(world))


def _is_page(client: Client, path: str) -> bool:
    response = client.get(path)
    if response.streaming:
        response.getvalue()  # read to its end, a file is closed
        return False
    is_html = response.status_code in {200, 410} and response.headers["Content-Type"].startswith("text/html")
    # A piece of a page, fetched by htmx alone, has no head.
    return is_html and "<title>" in response.text
