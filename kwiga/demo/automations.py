"""What the sample school does by itself: an automation that ran for those who finished, a draft, and whom they know."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import cycle

from django.db.models import F

from automations.engine.advancing import RunEffect
from automations.engine.plans import KIND
from automations.engine.starting import start_runs
from automations.models import Automation, Run
from automations.recipes import recipes
from automations.services.switching import switch_on
from automations.services.writing import create_automation
from contacts.models import Contact, ContactField, ContactValue, SentMail, Tag
from contacts.services.lists import create_list
from contacts.services.tags import tag_contacts
from coupons.models import Coupon
from courses.models import Course
from kwiga import clock
from kwiga.demo.rows import MadeRows
from orders.models import Order
from schools.models import Event, OutboxRow, User

DAY = timedelta(days=1)
REGULAR, NEWCOMER = "Regular buyer", "Newcomer"
_LEVELS = ("A2", "B1", "B2", "C1")
_BIRTHDAY = date(1984, 1, 17)


def make_automations(rows: MadeRows, course: Course, owner: User, today: datetime) -> Automation:
    """One that has thanked those who finished the course for three months, and one that is being written."""
    with clock.at(today - 88 * DAY):
        bonus = _from_recipe("course-finished", "Thank you for finishing", owner, course=course.token)
        switch_on(automation=rows.add(bonus), actor=owner)
    with clock.at(today - 3 * DAY):
        rows.add(_from_recipe("absent", "Come back to us", owner))
    _let_it_work(rows, bonus)
    return bonus


def describe_people(rows: MadeRows, course: Course, owner: User, today: datetime) -> None:
    """Tags, fields and values of contacts, and a list that whoever fits is in."""
    people = list(Contact.objects.order_by("created_at", "id")[:60])
    with clock.at(today - 30 * DAY):
        _tag(rows, people, owner)
        _answer(rows, people)
        conditions = {
            "match": "all",
            "parts": [
                {"fact": "orders_paid", "op": "at_least", "value": 2},
                {"fact": "course_progress", "op": "at_least", "value": {"of": course.token, "value": 50}},
            ],
        }
        rows.add(create_list(name="Half through English, bought before", conditions=conditions, actor=owner))


def _from_recipe(key: str, name: str, owner: User, **trigger_settings: object) -> Automation:
    facts = next(recipe for recipe in recipes() if recipe.key == key).facts()
    facts["trigger_settings"] = facts["trigger_settings"] | trigger_settings
    return create_automation(name=name, actor=owner, recipe=facts)


def _let_it_work(rows: MadeRows, automation: Automation) -> None:
    """Tell the events since it is on, each at its own instant, and take every step that follows from them."""
    since = automation.versions.get(is_live=True).published_at
    told = Event.objects.filter(kind="course.progress", created_at__gte=since, data__percent=100)
    for event in told.order_by("created_at", "id"):
        with clock.at(event.created_at + timedelta(seconds=4)):
            start_runs(event)
            for row in OutboxRow.objects.filter(kind=KIND, done_at=None, available_at__lte=clock.now()):
                RunEffect().apply(row)
                OutboxRow.objects.filter(pk=row.pk).update(done_at=clock.now())
    for coupon in Coupon.objects.filter(pk__in=_rewards(automation)):
        rows.add(coupon)
    # Nobody is mailed the past: these count as sent when they were written, and what they said is wiped.
    mails = SentMail.objects.filter(state=SentMail.State.QUEUED)
    written = OutboxRow.objects.filter(kind="mail", dedupe_key__in=mails.values("dedupe_key"), done_at=None)
    written.update(done_at=F("created_at"), payload={"template": "news"})
    mails.update(state=SentMail.State.SENT, sent_at=F("created_at"))


def _rewards(automation: Automation) -> list[int]:
    made = Run.objects.filter(automation=automation, steps__coupon__isnull=False)
    return list(made.values_list("steps__coupon", flat=True))


def _tag(rows: MadeRows, people: Sequence[Contact], owner: User) -> None:
    paid = Order.objects.filter(state=Order.State.PAID).values_list("contact_id", flat=True)
    orders = list(paid)
    tag_contacts(contacts=[each for each in people if orders.count(each.pk) > 4], name=REGULAR, actor=owner)
    tag_contacts(contacts=people[-12:], name=NEWCOMER, actor=owner)
    for tag in Tag.objects.filter(name__in=[REGULAR, NEWCOMER]):
        rows.add(tag)


def _answer(rows: MadeRows, people: Sequence[Contact]) -> None:
    """Two fields of the school's own, filled in for some."""
    school = people[0].school_id
    level = rows.add(
        ContactField.objects.create(
            school_id=school, label="Level of English", kind=ContactField.Kind.CHOICE, choices=list(_LEVELS)
        )
    )
    birthday = rows.add(
        ContactField.objects.create(school_id=school, label="Birthday", kind=ContactField.Kind.DATE, position=1)
    )
    levels = zip(people[::2], cycle(_LEVELS), strict=False)
    values = [ContactValue(school_id=school, contact=each, field=level, text=text) for each, text in levels]
    values += [
        ContactValue(school_id=school, contact=each, field=birthday, date=_BIRTHDAY + number * timedelta(days=97))
        for number, each in enumerate(people[::3])
    ]
    ContactValue.objects.bulk_create(values)
