"""A school's own addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kwiga import sites
from schools.models import Domain, School

_kept: ContextVar[dict[int, str] | None] = ContextVar("kept", default=None)


@contextmanager
def hosts_kept() -> Iterator[None]:
    """Ask for the host of a school once in the block, however many links to it are written there."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def site_url(school: School, name: str, *args: object) -> str:
    """The absolute address of a page on the school's primary host, for links and mails (trust T4)."""
    return sites.host_url(primary_host(school), sites.site_path(name, *args))


def primary_host(school: School) -> str:
    """The host that the school's links carry."""
    kept = _kept.get()
    if kept is None:
        return _primary_host(school)
    if school.pk not in kept:
        kept[school.pk] = _primary_host(school)
    return kept[school.pk]


def _primary_host(school: School) -> str:
    domain = Domain.objects.filter(school=school, is_primary=True).first()
    return domain.host if domain else sites.site_host(school.slug)
