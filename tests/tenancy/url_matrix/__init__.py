"""Who may open which address: one row for every URL of both sites, written by hand and compared with the resolver.

Each app has a module of its own: `ROOT` are its rows on the platform's host, `SITE` those on the hosts of schools.
"""

from tests.tenancy.url_matrix import (
    accounts,
    automations,
    connections,
    contacts,
    coupons,
    courses,
    offers,
    orders,
    schools,
)
from tests.tenancy.url_matrix.rows import Guest, Public, SignedIn, Staff, Student

__all__ = ["ROOT", "SITE", "Guest", "Public", "SignedIn", "Staff", "Student"]

ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
    **schools.ROOT,
    **accounts.ROOT,
    **offers.ROOT,
    **orders.ROOT,
    **courses.ROOT,
    **coupons.ROOT,
    **contacts.ROOT,
    **connections.ROOT,
    **automations.ROOT,
}

SITE: dict[str, Public | Student] = {
    **accounts.SITE,
    **offers.SITE,
    **orders.SITE,
    **courses.SITE,
    **contacts.SITE,
    **connections.SITE,
}
