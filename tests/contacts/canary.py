"""A person who is everywhere: what they said and what was said of them holds a sign that is then looked for."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client

from automations.models import TelegramChannel, TelegramMessage
from automations.sealing import unseal
from automations.services.runs import start_for
from contacts.holdings import Whose, classified, history_of
from contacts.importing import read_file
from contacts.models import Contact, ContactField, ContactValue
from contacts.services.imports import keep_import, start_import
from contacts.services.people import ContactFacts, change_contact
from contacts.services.tags import tag_contacts
from coupons.importing import read_file as read_coupons
from coupons.models import Redemption
from coupons.services.imports import keep_import as keep_coupons
from courses.models import Access, Lesson, Submission
from courses.services.access import revoke_access
from courses.services.assignments import return_submission
from kwiga import clock, mailbox
from offers.models import Offer, OfferQuestion
from orders.models import Order, OrderDiscount, OrderLine, Payment, Refund
from orders.services.comments import add_comment
from orders.services.manual import ManualOrder, make_order
from orders.services.paying import mark_paid
from orders.services.refunds import request_refund
from schools.models import OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, wait
from tests.factories.contacts import student_browser
from tests.factories.coupons import CouponFactory
from tests.factories.courses import CourseFactory, give_access, make_assignment
from tests.factories.files import text_upload
from tests.factories.orders import placed, sold_offer
from tests.orders.terms import required_terms
from tests.support.receiver import Receiver, Reply
from tests.support.students import CODE, ask_for_code, code_in

SIGN = "canary"
OLD, EMAIL, NAME, PHONE = "old-canary@x.test", "canary@x.test", "Canary Zvir", "+380 99 222 62 79"
ADDRESS = "198.51.100.227"
SIGNS = (SIGN, ADDRESS, "+380 99 222 62 79", "222 62 79")


def live_through(school: School, visitor: Any, server: Receiver) -> Contact:
    """Buy, sign in, learn, hand in, be written about, tagged, imported, refunded: all that can hold a name."""
    offer = sold_offer(school)
    with school_scope(school):
        accepted = required_terms(offer).pk
        question = OfferQuestion.objects.create(school=school, offer=offer, label="Your pet?", position=1)
    personal = {
        "accepted_version_ids": [accepted],
        "answers": [(question.pk, "Canary")],
        "client_address": ADDRESS,
        "email": OLD,
        "name": NAME,
        "phone": PHONE,
        "utm": {"utm_source": SIGN},
    }
    order = placed(offer, **personal).order
    with school_scope(school):
        contact = Contact.objects.get(email=OLD)
        facts = ContactFacts(email=EMAIL, name=f"{NAME} Junior", phone=PHONE, external_id="canary-17", country="UA")
        change_contact(contact=contact, facts=facts, actor=None)
    _pay_and_refund(order)
    _open_order(school, contact)
    _be_written_about(school, contact)
    _learn(school, contact, visitor)
    _automations(school, contact, server)
    return contact


def _pay_and_refund(order: Order) -> None:
    with school_scope(order.school_id):
        add_comment(order=order, text="Canary called twice", actor=None)
        payment = mark_paid(order=order, amount_minor=order.total_minor, comment="from Canary's card", actor=None)
        Payment.objects.filter(pk=payment.pk).update(session={"fields": {"email": EMAIL}})
        request_refund(payment=payment, amount_minor=100, reason="Canary asked", actor=None)
        access = Access.objects.get()
        revoke_access(access=access, actor=None, reason="canary misbehaved")


def _open_order(school: School, contact: Contact) -> None:
    """One that is not paid, with a coupon of their own."""
    CouponFactory(school=school, code="GIFT", audience="contact", contact_id=contact.pk, comment="for Canary alone")
    placed(sold_offer(school), email=EMAIL, name=NAME, code="GIFT", shown_total_minor=108_000)
    with school_scope(school):
        paid = placed(sold_offer(school), email=EMAIL, name=NAME).order
        mark_paid(order=paid, amount_minor=paid.total_minor, comment="", actor=None)
        terms = ManualOrder(
            contact=contact, offer=Offer.objects.first(), price_minor=500, currency="UAH", reason="canary's birthday",
            choice="again",
        )  # fmt: skip
        make_order(terms=terms, actor=None)


def _be_written_about(school: School, contact: Contact) -> None:
    with school_scope(school):
        field = ContactField.objects.create(school=school, label="Pet")
        ContactValue.objects.create(school=school, contact=contact, field=field, text="a canary")
        tag_contacts(contacts=[contact], name="Singers")
        table = read_file(f"email,name\n{EMAIL},{NAME}\nno {NAME},{NAME}\nb@x.test,Other\n".encode())
        start_import(contact_import=keep_import(table=table, file_name="people.csv", actor=None), actor=None)
        keep_coupons(
            lines=read_coupons(f"code,size,unit,contact\nA1,{NAME},UAH,{EMAIL}\nB1,10,%,b@x.test\n".encode()),
            file_name="codes.csv",
            actor=None,
        )


def _learn(school: School, contact: Contact, visitor: Any) -> None:
    course = CourseFactory(school=school, modules=[1])
    with school_scope(school):
        task = make_assignment(course.modules.get(), acceptance=Lesson.Acceptance.STAFF)
    give_access(contact, course)
    browser = visitor(school)
    ask_for_code(browser, EMAIL)
    drain()
    newest = next(kept for kept in mailbox.kept_messages(str(school.pk)) if EMAIL in kept.recipients)
    assert browser.post(CODE, {"code": code_in(newest.text.replace("\r", ""))}).status_code == 302
    address = f"/learn/{course.token}/{task.token}/"
    browser.post(f"{address}answer/", {"text": "I am Canary"})
    with school_scope(school):
        first = Submission.objects.get()
        return_submission(submission=first, comment="Well done, Canary", actor=None)
    browser.post(f"{address}answer/", {"file": text_upload("canary.txt", "Canary's own words")})
    # Somebody at another browser typed the address and went away.
    visitor(school).post("/sign-in/", {"email": EMAIL})


def _automations(school: School, contact: Contact, server: Receiver) -> None:
    """A run that told everybody: one who answered with a name, one who is away, the contact, and the team."""
    server.answer = lambda heard: Reply(500 if heard.path == "/away" else 200, f"Hello {NAME}".encode())
    with school_scope(school):
        later = clock.now() + timedelta(hours=1)
        channel = TelegramChannel.objects.create(school=school, name="Team", chat_id="-1", quiet_until=later)
    told = {"text": "{{ contact.name }} did it"}
    call = {"headers": [["X-Who", "{{ contact.name }}"]], "body": ""}
    automation = AutomationFactory(
        school=school,
        trigger="contact.by_hand",
        steps=(
            ("webhook", {"url": f"{server.url}/?who={{{{ contact.email }}}}", **call}),
            ("webhook", {"url": f"{server.url}/away", **call}),
            mail(subject="Dear {{ contact.name }}"),
            ("notify", {"by": "mail", **told}),
            ("notify", {"by": "telegram", "channel": channel.token, **told}),
            wait(days=1),
            mail(subject="Never"),
        ),
    )
    with school_scope(school):
        start_for(automation=automation, contacts=[contact], actor=None)


# --- Looking everywhere ---


def traces() -> list[str]:
    """Every place that holds one of the signs: texts and JSON of each table, sessions, cache, mail, files."""
    return [*_in_tables(), *_in_sessions(), *_in_cache(), *_in_folder(Path(settings.MEDIA_ROOT)), *_in_mail()]


def sealed_traces(school: School) -> set[str]:
    """What lies sealed and speaks of the person, by its kind: nobody finds it by looking at the tables."""
    with school_scope(school):
        said = [("telegram", row.text, row.dedupe_key) for row in TelegramMessage.objects.exclude(text="")]
        orders = OutboxRow.objects.filter(payload__has_key="sealed")
        said += [(row.kind, row.payload["sealed"], row.payload.get("reference", row.dedupe_key)) for row in orders]
        return {kind for kind, text, key in said if has_sign(unseal(text, f"{kind}:{key}"))}


def personal_columns() -> set[str]:
    """Every column that is said to hold words of a person, in its table and in its history, as `traces` names it."""
    found = set()
    for label, columns in classified().items():
        model = apps.get_model(label)
        fields = [model._meta.get_field(name) for name, whose in columns.items() if whose == Whose.PERSON]
        tables = [model._meta.db_table]
        if hasattr(model, "history"):
            tables.append(history_of(model)._meta.db_table)
        found |= {f"{table}.{field.column}" for table in tables for field in fields if not field.is_relation}
    return found


def _in_tables() -> Iterator[str]:
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'inet', 'bytea', 'character')"
        )
        columns = cursor.fetchall()
        assert len(columns) > 300, columns
        for table, column in columns:
            where = " OR ".join([f'"{column}"::text ILIKE %s'] * len(SIGNS))
            try:
                cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {where}', [f"%{sign}%" for sign in SIGNS])
            except Exception as error:
                raise AssertionError(f"{table}.{column} could not be read") from error
            if cursor.fetchone()[0]:
                yield f"{table}.{column}"


def _in_sessions() -> Iterator[str]:
    for session in Session.objects.all():
        if has_sign(str(session.get_decoded())):
            yield "sessions"


def _in_cache() -> Iterator[str]:
    client = redis.Redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter(match=f"*{settings.CACHES['default']['KEY_PREFIX']}*"):
        value = client.dump(key) or b""
        if has_sign((key + value).decode(errors="replace")):
            yield f"cache {key!r}"


def _in_folder(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if has_sign(path.name) or (path.is_file() and has_sign(path.read_bytes().decode(errors="replace"))):
            yield f"file {path}"


def _in_mail() -> Iterator[str]:
    yield from _in_folder(Path(settings.KEEP_MAIL_IN))
    for owner in [path.name for path in Path(settings.KEEP_MAIL_IN).iterdir()]:
        for kept in mailbox.kept_messages(owner, limit=1_000):
            if has_sign(f"{kept.recipients} {kept.subject} {kept.text} {kept.html}"):
                yield f"mail to {kept.recipients}"


def has_sign(text: str) -> bool:
    return any(re.search(re.escape(sign), text, re.IGNORECASE) for sign in SIGNS)


def books(school: School) -> dict[str, list[Any]]:
    """What accounting reads: numbers, states and amounts of paid orders, their lines, payments, refunds and coupons."""
    sums = ("currency", "subtotal_minor", "discount_minor", "total_minor")
    with school_scope(school):
        paid = Order.objects.exclude(paid_at=None).order_by("pk")
        return {
            "orders": list(paid.values_list("number", "state", "contact_id", "paid_at", "created_at", *sums)),
            "all": list(Order.objects.order_by("pk").values_list("number", *sums)),
            "lines": list(OrderLine.objects.order_by("pk").values_list("order_id", "title", "price_minor")),
            "payments": list(
                Payment.objects.order_by("pk").values_list(
                    "token", "state", "amount_minor", "refunded_minor", "currency", "processed_at"
                )
            ),
            "refunds": list(Refund.objects.order_by("pk").values_list("state", "amount_minor", "processed_at")),
            "discounts": list(OrderDiscount.objects.order_by("pk").values_list("code", "amount_minor")),
            "used": list(
                Redemption.objects.filter(state="confirmed").order_by("pk").values_list("coupon_id", "amount_minor")
            ),
        }


def browser_of(contact: Contact) -> Client:
    return student_browser(contact)
