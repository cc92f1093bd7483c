"""Conditions evaluated one contact at a time, in plain Python: what the database is compared with."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from contacts.models import Contact, ContactField, ContactList, ContactListMember, ContactTag, ContactValue
from coupons.models import Coupon, Redemption
from coupons.status import Status, status_of
from courses.models import Access, Course, CourseProgress, LessonCompletion, Submission
from courses.selectors import standing_of
from orders.models import Order, Payment
from tests.contacts.segments.ground import NOW

KYIV = ZoneInfo("Europe/Kyiv")
TODAY = NOW.astimezone(KYIV).date()


def holds(person: Contact, given: dict[str, Any]) -> bool:
    """Whether the conditions hold for a contact."""
    if "parts" in given:
        each = [holds(person, part) for part in given["parts"]]
        return all(each) if given["match"] == "all" else any(each)
    fact, op, value = given["fact"], given["op"], given.get("value")
    if fact.startswith("field:"):
        return _own_field(person, fact.partition(":")[2], op, value)
    return _FACTS[fact](person, op, value)


def _text(text: str, op: str, value: Any) -> bool:
    if op in ("filled", "empty"):
        return bool(text) == (op == "filled")
    text, value = text.upper(), value.upper()
    found = {"is": text == value, "contains": value in text, "starts": text.startswith(value)}
    found |= {"is_not": text != value, "not_contains": value not in text}
    return found[op]


def _times(times: list[datetime], op: str, value: Any) -> bool:
    if op in ("ever", "never") or not times:
        return bool(times) if op == "ever" else op == "never" and not times
    last = max(times)
    if op in ("within", "longer"):
        there = NOW.astimezone(KYIV).replace(tzinfo=None) - timedelta(days=value)
        return (last >= there.replace(tzinfo=KYIV)) == (op == "within")
    day = last.astimezone(KYIV).date()
    return (day >= date.fromisoformat(value)) == (op == "since")


def _own_field(person: Contact, token: str, op: str, value: Any) -> bool:
    field = ContactField.objects.get(token=token)
    said = ContactValue.objects.filter(contact=person, field=field).first()
    if field.kind == "text":
        return _text(said.text if said else "", op, value)
    if field.kind == "choice":
        return ((said.text if said else None) == value) == (op == "is")
    if field.kind == "flag":
        return bool(said and said.flag) == (op == "yes")
    known = said and (said.number if field.kind == "number" else said.date)
    if op in ("filled", "empty"):
        return (known is not None) == (op == "filled")
    if known is None:
        return False
    return _number(known, op, Decimal(value)) if field.kind == "number" else _day(known, op, value)


def _number(number: Any, op: str, value: Any) -> bool:
    return bool({"at_least": number >= value, "less": number < value, "is": number == value}[op])


def _day(day: Any, op: str, value: Any) -> bool:
    if op in ("since", "before"):
        return bool(day >= date.fromisoformat(value)) == (op == "since")
    past = (TODAY - day).days
    return bool({"within": 0 <= past <= value, "longer": past > value, "coming": 0 < -past <= value}[op])


def _tag(person: Contact, op: str, name: str) -> bool:
    keys = [own.tag.name_key for own in ContactTag.objects.filter(contact=person).select_related("tag")]
    return (name.casefold() in keys) == (op == "has")


def _list(person: Contact, op: str, token: str) -> bool:
    asked = ContactList.objects.get(token=token)
    if asked.archived_at:
        return op == "has_not"
    if asked.conditions:
        return holds(person, asked.conditions) == (op == "has")
    put_in = [row.contact_list_id for row in ContactListMember.objects.filter(contact=person)]
    return (asked.pk in put_in) == (op == "has")


def _news(person: Contact, op: str, value: Any) -> bool:
    gone, refused = person.unsubscribed_at is not None, person.bounced_at is not None
    said = {"yes": not gone and not refused, "no": gone or refused, "unsubscribed": gone, "bounced": refused}
    return (said | {"agreed": person.consented_at is not None and not gone})[op]


def _access(person: Contact, op: str, token: str) -> bool:
    own = [row for row in Access.objects.filter(contact=person).select_related("course") if _is(row.course, token)]
    is_open = any(row.is_open(NOW) for row in own)
    return {"has": is_open, "has_not": not is_open, "had": bool(own) and not is_open}[op]


def _progress(person: Contact, op: str, value: Any) -> bool:
    course = Course.objects.get(token=value["of"])
    if not Access.objects.filter(contact=person, course=course, revoked_at=None).exists():
        return False
    return (standing_of(person, course, NOW).percent >= value["value"]) == (op == "at_least")


def _completed(person: Contact, op: str, token: str) -> bool:
    rows = CourseProgress.objects.filter(contact=person).select_related("course")
    return any(row.completed_at and _is(row.course, token) for row in rows) == (op == "has")


def _lesson(person: Contact, op: str, token: str) -> bool:
    rows = LessonCompletion.objects.filter(contact=person).select_related("lesson")
    return any(_is(row.lesson, token) for row in rows) == (op == "has")


def _assignment(person: Contact, op: str, token: str) -> bool:
    rows = Submission.objects.filter(contact=person).select_related("lesson")
    states = [row.state for row in rows if _is(row.lesson, token)]
    return {
        "accepted": "accepted" in states,
        "waiting": "submitted" in states,
        "not_accepted": "accepted" not in states,
    }[op]


def _purchases(person: Contact) -> list[Order]:
    rows = Order.objects.filter(contact=person).select_related("offer")
    return [row for row in rows if row.state in ("paid", "part_refunded")]


def _orders_paid(person: Contact, op: str, value: int) -> bool:
    return _number(len([row for row in _purchases(person) if row.total_minor]), op, value)


def _money(person: Contact, op: str, value: Any) -> bool:
    rows = Payment.objects.filter(order__contact=person)
    arrived = [row for row in rows if row.state in Payment.CAPTURED and not row.review_reason]
    left = sum(row.amount_minor - row.refunded_minor for row in arrived if row.currency == value["currency"])
    return _number(left, op, value["amount_minor"])


def _bought(person: Contact, op: str, token: str) -> bool:
    rows = _purchases(person)
    found = any(row.offer and row.offer.token == token for row in rows) if token else any(r.total_minor for r in rows)
    return found == (op == "has")


def _unpaid(person: Contact, op: str, token: str) -> bool:
    rows = Order.objects.filter(contact=person, state="pending").select_related("offer")
    return any(not token or (row.offer and row.offer.token == token) for row in rows) == (op == "has")


def _last_order(person: Contact, op: str, value: Any) -> bool:
    return _times([row.created_at for row in Order.objects.filter(contact=person)], op, value)


def _last_purchase(person: Contact, op: str, value: Any) -> bool:
    return _times([row.paid_at for row in _purchases(person) if row.total_minor and row.paid_at], op, value)


def _used(person: Contact, op: str, value: Any) -> bool:
    rows = Redemption.objects.filter(contact=person, state="confirmed").select_related("code")
    keys = [row.code.code_key for row in rows if op in ("any", "none") or row.code.code_key == value.upper()]
    return bool(keys) == (op in ("any", "code"))


def _holds_coupon(person: Contact, op: str, value: Any) -> bool:
    return any(_is_usable(row, person) for row in Coupon.objects.filter(contact=person)) == (op == "yes")


def _is_usable(coupon: Coupon, person: Contact) -> bool:
    own = len([row for row in Redemption.objects.filter(coupon=coupon, contact=person) if row.state != "released"])
    limits = ((coupon.max_uses, coupon.uses), (coupon.max_uses_per_contact, own))
    return status_of(coupon, NOW) == Status.ACTIVE and all(most is None or used < most for most, used in limits)


def _is(row: Any, token: str) -> bool:
    return not token or row.token == token


_FACTS = {
    **{
        name: lambda person, op, value, name=name: _text(getattr(person, name), op, value)
        for name in ("email", "name", "phone", "external_id")
    },
    **{
        name: lambda person, op, value, name=name: (getattr(person, name) == value) == (op == "is")
        for name in ("language", "country")
    },
    "created": lambda person, op, value: _times([person.created_at], op, value),
    "last_seen": lambda person, op, value: _times([person.last_seen_at] if person.last_seen_at else [], op, value),
    "tag": _tag,
    "list": _list,
    "news": _news,
    "access": _access,
    "course_progress": _progress,
    "course_completed": _completed,
    "lesson_done": _lesson,
    "assignment": _assignment,
    "orders_paid": _orders_paid,
    "money_paid": _money,
    "bought": _bought,
    "unpaid_order": _unpaid,
    "last_order": _last_order,
    "last_purchase": _last_purchase,
    "coupon_used": _used,
    "personal_coupon": _holds_coupon,
}
