"""Who may do what: one matrix, printed at Settings > Team and tested whole."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    SALES = "sales", _("Sales")
    MARKETING = "marketing", _("Marketing")
    TEACHER = "teacher", _("Teacher")
    SUPPORT = "support", _("Support")
    READ_ONLY = "read_only", _("Read-only")


class Right(TextChoices):
    """An action of the dashboard. Every dashboard view names exactly one."""

    VIEW_HOME = "view_home", _("See the school's home")
    VIEW_COURSES = "view_courses", _("See courses")
    MANAGE_COURSES = "manage_courses", _("Create, change and publish courses")
    ACCEPT_ASSIGNMENTS = "accept_assignments", _("Read and accept assignments")
    VIEW_OFFERS = "view_offers", _("See offers")
    MANAGE_OFFERS = "manage_offers", _("Create, change and publish offers")
    VIEW_COUPONS = "view_coupons", _("See coupons")
    MANAGE_COUPONS = "manage_coupons", _("Create, change and end coupons")
    VIEW_CONTACTS = "view_contacts", _("See contacts")
    MANAGE_CONTACTS = "manage_contacts", _("Add and change contacts")
    EXPORT_CONTACTS = "export_contacts", _("Export contacts and their personal data")
    ERASE_CONTACTS = "erase_contacts", _("Erase contacts")
    VIEW_AUTOMATIONS = "view_automations", _("See automations and their runs")
    MANAGE_AUTOMATIONS = "manage_automations", _("Create, change and switch automations")
    MANAGE_CONNECTIONS = "manage_connections", _("Connect webhooks and Telegram")
    VIEW_ORDERS = "view_orders", _("See orders and transactions")
    MANAGE_ORDERS = "manage_orders", _("Make, cancel, move and mark orders as paid")
    REFUND_ORDERS = "refund_orders", _("Give money back")
    EXPORT_ORDERS = "export_orders", _("Export orders and transactions")
    MANAGE_PAYMENTS = "manage_payments", _("Connect payment providers")
    VIEW_ACTIVITY = "view_activity", _("See the activity of the team")
    VIEW_TEAM = "view_team", _("See the team")
    MANAGE_TEAM = "manage_team", _("Invite, remove and change roles")
    MANAGE_OWNERS = "manage_owners", _("Make and unmake owners")
    MANAGE_SETTINGS = "manage_settings", _("Change the school's settings")
    VIEW_DELIVERIES = "view_deliveries", _("See deliveries and the mailbox")
    MANAGE_DELIVERIES = "manage_deliveries", _("Retry deliveries that failed")


_ALL = frozenset(Role)
_BOSSES = frozenset({Role.OWNER, Role.ADMIN})

MATRIX: dict[Right, frozenset[Role]] = {
    Right.VIEW_HOME: _ALL,
    Right.VIEW_COURSES: _ALL,
    Right.MANAGE_COURSES: _BOSSES | {Role.TEACHER},
    Right.ACCEPT_ASSIGNMENTS: _BOSSES | {Role.TEACHER},
    Right.VIEW_OFFERS: _ALL,
    Right.MANAGE_OFFERS: _BOSSES | {Role.SALES, Role.MARKETING},
    Right.VIEW_COUPONS: _BOSSES | {Role.SALES, Role.MARKETING, Role.SUPPORT, Role.READ_ONLY},
    Right.MANAGE_COUPONS: _BOSSES | {Role.SALES, Role.MARKETING},
    Right.VIEW_CONTACTS: _BOSSES | {Role.SALES, Role.MARKETING, Role.SUPPORT, Role.READ_ONLY},
    Right.MANAGE_CONTACTS: _BOSSES | {Role.SALES, Role.SUPPORT},
    Right.EXPORT_CONTACTS: _BOSSES | {Role.SALES, Role.MARKETING},
    Right.ERASE_CONTACTS: _BOSSES,
    Right.VIEW_AUTOMATIONS: _BOSSES | {Role.SALES, Role.MARKETING, Role.SUPPORT, Role.READ_ONLY},
    Right.MANAGE_AUTOMATIONS: _BOSSES | {Role.MARKETING},
    Right.MANAGE_CONNECTIONS: _BOSSES,
    Right.VIEW_ORDERS: _BOSSES | {Role.SALES, Role.SUPPORT, Role.READ_ONLY},
    Right.MANAGE_ORDERS: _BOSSES | {Role.SALES},
    Right.REFUND_ORDERS: _BOSSES,
    Right.EXPORT_ORDERS: _BOSSES | {Role.SALES},
    Right.MANAGE_PAYMENTS: _BOSSES,
    Right.VIEW_ACTIVITY: _BOSSES | {Role.SUPPORT, Role.READ_ONLY},
    Right.VIEW_TEAM: _ALL,
    Right.MANAGE_TEAM: _BOSSES,
    Right.MANAGE_OWNERS: frozenset({Role.OWNER}),
    Right.MANAGE_SETTINGS: _BOSSES,
    Right.VIEW_DELIVERIES: _BOSSES | {Role.SUPPORT},
    Right.MANAGE_DELIVERIES: _BOSSES,
}


def allows(role: str, right: Right) -> bool:
    """Whether a member with this role has this right."""
    return role in MATRIX[right]


def reachable_roles(role: str) -> list[Role]:
    """The roles that a member with this role may give to others; owner is given by owners alone."""
    if not allows(role, Right.MANAGE_TEAM):
        return []
    return [other for other in Role if other != Role.OWNER or allows(role, Right.MANAGE_OWNERS)]
