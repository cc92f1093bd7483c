"""A school's own addresses."""

from kwiga import sites
from schools.models import Domain, School


def site_url(school: School, name: str, *args: object) -> str:
    """The absolute address of a page on the school's primary host, for links and mails (trust T4)."""
    return sites.host_url(primary_host(school), sites.site_path(name, *args))


def primary_host(school: School) -> str:
    """The host that the school's links carry."""
    domain = Domain.objects.filter(school=school, is_primary=True).first()
    return domain.host if domain else sites.site_host(school.slug)
