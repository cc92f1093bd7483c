"""A small school with a bit of everything that conditions ask about, each on both sides of its bounds."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from contacts.models import (
    Contact,
    ContactField,
    ContactList,
    ContactListMember,
    ContactTag,
    ContactValue,
    Tag,
)
from contacts.services.lists import create_list
from coupons.models import Coupon, Redemption
from courses.models import Access, AccessPart, Course, CourseProgress, Lesson, LessonCompletion, Submission
from offers.models import Offer
from orders.models import Order, Payment
from schools.models import School
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, lessons_of, make_assignment, modules_of
from tests.factories.offers import PublishedOfferFactory

# Half past midnight in Kyiv, five days after the clocks went forward: other days and hours than in UTC.
NOW = datetime(2026, 4, 2, 21, 30, tzinfo=UTC)
DAYS = (0, 1, 2, 30)
PEOPLE = 14
_SECOND = timedelta(seconds=1)
NAMES = ("Olha Kovalenko", "OLHA", "Ivan 100%", "O_lena", "Ірина Сидоренко", "", "a\\b'; --")
FIELDS = {kind: f"Own {kind}" for kind in ContactField.Kind.values}


@dataclass(frozen=True)
class Ground:
    """Tokens to ask for."""

    courses: list[str]
    lessons: list[str]
    assignments: list[str]
    offers: list[str]
    lists: list[str]
    tags: list[str]
    fields: dict[str, str]
    codes: list[str]


def instants() -> list[datetime]:
    """Instants at, just before and just behind the bounds that conditions ask for."""
    bounds = [NOW - timedelta(days=days) for days in DAYS] + [NOW - timedelta(days=30, hours=1)]
    bounds += [datetime(2026, 4, 2, 21, tzinfo=UTC), datetime(2026, 3, 3, 22, tzinfo=UTC)]
    return [bound + shift for bound in bounds for shift in (-_SECOND, timedelta(), _SECOND) if bound + shift <= NOW]


def laid_out(school: School, seed: int = 7) -> Ground:
    """Fill the open scope's school; the same seed gives the same school."""
    pick = Random(seed)
    people = [_person(school, number, pick) for number in range(PEOPLE)]
    courses = _courses(school)
    offers = [PublishedOfferFactory(school=school, title=f"Offer {number}") for number in range(3)]
    fields = _fields(school, people, pick)
    lists = _lists(school, people, pick)
    for person in people:
        _learn(person, courses, pick)
        _buy(person, offers, pick)
    codes = _coupons(people, pick)
    lessons = Lesson.objects.order_by("pk")
    return Ground(
        courses=[course.token for course in courses],
        lessons=[lesson.token for lesson in lessons[:4]],
        assignments=[lesson.token for lesson in lessons.filter(kind=Lesson.Kind.ASSIGNMENT)],
        offers=[offer.token for offer in offers],
        lists=lists,
        tags=["VIP", "vip", "Друзі"],
        fields=fields,
        codes=codes,
    )


def _person(school: School, number: int, pick: Random) -> Contact:
    person = ContactFactory(school=school, email=f"{'gmail' if number % 3 else 'mail'}{number}@example.test")
    last = [*instants(), *[None] * 6]
    seen = {"consented_at": [None, NOW], "unsubscribed_at": [None, None, NOW], "bounced_at": [None, None, NOW]}
    columns: dict[str, Any] = {
        "name": NAMES[number % len(NAMES)],
        "phone": pick.choice(["", "+380501112233"]),
        "language": pick.choice(["", "en", "uk"]),
        "country": pick.choice(["", "UA", "PL"]),
        "external_id": pick.choice(["", "A-1"]),
        "created_at": pick.choice(instants()),
        "last_seen_at": pick.choice(last),
        "erased_at": NOW if number == PEOPLE - 1 else None,
        **{name: pick.choice(values) for name, values in seen.items()},
    }
    Contact.objects.filter(pk=person.pk).update(**columns)
    person.refresh_from_db()
    return person


def _courses(school: School) -> list[Course]:
    courses = [
        CourseFactory(school=school, title="Whole", modules=(2, 1)),
        CourseFactory(school=school, title="Single", modules=(1,)),
        CourseFactory(school=school, title="Empty", modules=()),
        CourseFactory(school=school, title="Hidden", modules=(1,), status="draft"),
    ]
    make_assignment(modules_of(courses[0])[1], is_final=True, acceptance="staff")
    return courses


def _fields(school: School, people: list[Contact], pick: Random) -> dict[str, str]:
    tokens = {}
    for kind, label in FIELDS.items():
        field = ContactField.objects.create(school=school, label=label, kind=kind, choices=["red", "blue"])
        tokens[kind] = field.token
        for person in people:
            if pick.random() < 0.7:
                ContactValue.objects.create(school=school, contact=person, field=field, **_said(kind, pick))
    return tokens


def _said(kind: str, pick: Random) -> dict[str, Any]:
    days = [date(2026, 4, 3) + timedelta(days=days) for days in (-31, -30, -2, -1, 0, 1, 2, 30, 31)]
    return {
        "text": {"text": pick.choice(["", *NAMES])},
        "choice": {"text": pick.choice(["red", "blue"])},
        "number": {"number": pick.choice([Decimal("-1.5"), Decimal(0), Decimal("2.5"), Decimal(30)])},
        "date": {"date": pick.choice(days)},
        "flag": {"flag": pick.choice([True, False])},
    }[kind]


def _lists(school: School, people: list[Contact], pick: Random) -> list[str]:
    vip, friends = (Tag.objects.create(school=school, name=name, name_key=name.casefold()) for name in ("VIP", "Друзі"))
    one, two = (create_list(name=name, actor=None) for name in ("One", "Two"))
    over = ContactList.objects.create(school=school, name="Over", archived_at=NOW)
    for person in people:
        for tag in (vip, friends):
            if pick.random() < 0.4:
                ContactTag.objects.create(school=school, contact=person, tag=tag)
        for each in (one, two, over):
            if pick.random() < 0.4:
                ContactListMember.objects.create(school=school, contact_list=each, contact=person)
    here = {"match": "all", "parts": [{"fact": "country", "op": "is", "value": "UA"}]}
    third = create_list(name="Here", actor=None, conditions=here)
    asked = [{"fact": "list", "op": op, "value": token} for op, token in (("has", one.token), ("has_not", third.token))]
    fourth = create_list(name="Nested", actor=None, conditions={"match": "any", "parts": asked})
    return [each.token for each in (one, two, over, third, fourth)]


def _learn(person: Contact, courses: list[Course], pick: Random) -> None:
    for course in courses:
        for _number in range(pick.choice([0, 1, 1, 2])):
            _open(person, course, pick)
        for lesson in lessons_of(course):
            if pick.random() < 0.5:
                LessonCompletion.objects.create(school=person.school, contact=person, lesson=lesson)
            if lesson.kind == Lesson.Kind.ASSIGNMENT and pick.random() < 0.7:
                state = pick.choice(Submission.State.values)
                Submission.objects.create(school=person.school, contact=person, lesson=lesson, state=state)
        if pick.random() < 0.5:
            done = pick.choice([None, NOW])
            CourseProgress.objects.create(school=person.school, contact=person, course=course, completed_at=done)


def _open(person: Contact, course: Course, pick: Random) -> None:
    lessons = lessons_of(course)
    is_whole = pick.random() < 0.5 or not lessons
    access = Access.objects.create(
        school=person.school,
        contact=person,
        course=course,
        is_whole=is_whole,
        starts_at=NOW + pick.choice([timedelta(days=-90), timedelta(), timedelta(days=1)]),
        ends_at=pick.choice([None, None, NOW + timedelta(days=1), NOW + timedelta(days=2)]),
        revoked_at=pick.choice([None, None, None, NOW]),
        cause=f"test:{next(_numbers)}",
    )
    if pick.random() < 0.3 and access.starts_at < NOW:
        Access.objects.filter(pk=access.pk).update(ends_at=pick.choice([NOW, NOW - timedelta(days=1)]))
    if not is_whole:
        lesson = pick.choice(lessons)
        part = {"lesson": lesson} if pick.random() < 0.5 else {"module_id": lesson.module_id}
        AccessPart.objects.create(school=person.school, access=access, **part)


def _buy(person: Contact, offers: list[Offer], pick: Random) -> None:
    for _number in range(pick.choice([0, 1, 2, 4])):
        state = pick.choice(Order.State.values)
        total, currency = pick.choice([0, 10_000, 25_000]), pick.choice(["UAH", "PLN"])
        order = Order.objects.create(
            school=person.school,
            contact=person,
            offer=pick.choice([*offers, None]),
            state=state,
            buyer_email=person.email,
            language="en",
            currency=currency,
            subtotal_minor=total,
            total_minor=total,
            idempotency_key=str(next(_numbers)),
            fingerprint="",
            pay_digest=str(next(_numbers)),
            pay_salt="",
            paid_at=pick.choice(instants()) if state in Order.SETTLED else None,
            created_at=pick.choice(instants()),
        )
        for _attempt in range(pick.choice([0, 1, 1, 2])):
            _pay(order, pick)


def _pay(order: Order, pick: Random) -> None:
    state = pick.choice(["captured", "captured", "part_refunded", "refunded", "failed"])
    Payment.objects.create(
        school=order.school,
        order=order,
        provider="outside",
        state=state,
        amount_minor=10_000,
        refunded_minor={"part_refunded": 4_000, "refunded": 10_000}.get(state, 0),
        currency=order.currency,
        review_reason=pick.choice(["", "", "amount"]),
    )


def _coupons(people: list[Contact], pick: Random) -> list[str]:
    school, codes = people[0].school, ["SPRING", "ВЕСНА"]
    shared = [_coupon(school, code, max_uses_per_contact=None) for code in codes]
    for person in people:
        for coupon in shared:
            if pick.random() < 0.5:
                _use(coupon, person, pick)
        if pick.random() < 0.6:
            own = _coupon(school, f"OWN-{person.pk}", audience="contact", contact=person, **_life(pick))
            if pick.random() < 0.5:
                _use(own, person, pick)
    return [*codes, "spring", "NOBODYS"]


def _life(pick: Random) -> dict[str, Any]:
    day = timedelta(days=1)
    return {
        "is_draft": pick.random() < 0.1,
        "starts_at": pick.choice([None, NOW - day, NOW, NOW + day]),
        "ends_at": pick.choice([None, None, NOW + 2 * day]),
        "paused_at": pick.choice([None, None, None, NOW]),
        "ended_at": pick.choice([None, None, None, NOW]),
        "archived_at": pick.choice([None, None, None, NOW]),
        **pick.choice([{"max_uses": 1, "uses": 1}, {"max_uses": 2, "uses": 1}, {"max_uses": None}]),
        "max_uses_per_contact": pick.choice([None, 1, 2]),
    }


def _coupon(school: School, code: str, **fields: Any) -> Coupon:
    coupon = Coupon.objects.create(school=school, kind="percent", percent_bp=1_000, **fields)
    coupon.codes.create(school=school, code=code, code_key=code.upper())
    return coupon


def _use(coupon: Coupon, person: Contact, pick: Random) -> None:
    state = pick.choice(Redemption.State.values)
    Redemption.objects.create(
        school=person.school,
        coupon=coupon,
        code=coupon.codes.get(),
        contact=person,
        state=state,
        amount_minor=100,
        currency="UAH",
        held_until=NOW if state == Redemption.State.HELD else None,
    )


_numbers = count()
