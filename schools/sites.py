"""A school's own addresses."""

from kwiga import sites
from schools.models import Domain, School


def site_url(school: School, name: str, *args: object) -> str:
    """The absolute address of a page on the school's primary host, for links and mails (trust T4)."""
    domain = Domain.objects.filter(school=school, is_primary=True).first()
    host = domain.host if domain else sites.site_host(school.slug)
    return sites.host_url(host, sites.site_path(name, *args))
