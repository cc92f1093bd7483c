"""`manage.py seed_demo` makes the store that the documentation shows; once, and it can be taken away again."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from automations.models import Automation, Run
from contacts.models import Contact, ContactField, ContactList, SentMail, Tag
from contacts.selectors import members_of
from coupons.models import Coupon
from courses.models import Access, Course, Lesson, LessonCompletion, Submission
from kwiga import clock
from kwiga.demo.texts import html_of, read_course
from offers.models import Offer, TermsDocument
from orders.models import Order, Payment
from orders.payments.test_bank.bank.books import Books
from orders.selectors.quote import Availability, availability_of
from orders.services.manual import ManualOrder, make_order
from schools.invariants import check_invariants
from schools.models import DemoRow, Domain, Event, Member, OutboxRow, School, SearchWord, StoredFile
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.support.people import signed_in


@pytest.fixture
def media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.TEST_BANK_URL = "http://127.0.0.1:1"
    monkeypatch.setenv("TEST_BANK_LEDGER", str(tmp_path / "bank"))


@pytest.fixture
def sample(transactional_db: None, media: None) -> School:
    call_command("seed_demo", password="a password of the test", verbosity=0)
    return School.objects.get(slug="sampleschool")


def everything() -> list[tuple[object, ...]]:
    """All rows that the demo consists of, without keys that count on."""
    rows: list[tuple[object, ...]] = []
    for school in School.objects.order_by("slug"):
        rows.append((school.slug, school.name, school.legal_name, school.created_at))
        with school_scope(school):
            rows += Domain.objects.filter(school=school).order_by("host").values_list("host", "is_primary")
            rows += Member.objects.filter(school=school).order_by("pk").values_list("user__email", "role", "created_at")
            rows += Offer.objects.order_by("pk").values_list("token", "title", "price_minor", "status", "created_at")
            rows += Order.objects.order_by("pk").values_list("number", "state", "created_at")
            rows += Event.objects.order_by("pk").values_list("kind", "created_at")
    return rows


@pytest.mark.django_db(transaction=True, databases=["default", "ops"])
def test_demo_is_a_store_with_a_past(sample: School, client: Any) -> None:
    check_pages(client)
    with school_scope(sample):
        check_catalogue()
        check_orders()
        check_automations()
        check_nobody_is_told()
        check_bank_knows(Books(Path(os.environ["TEST_BANK_LEDGER"])))
    before = everything()
    call_command("seed_demo", verbosity=0)
    assert len(before) > 20
    assert everything() == before
    check_removal(sample)


def check_pages(client: Any) -> None:
    page = client.get("/o/TnHG7QjEFukO?coupon=SPRING", headers={"host": "sampleschool.localhost"})
    assert page.status_code == 200
    assert "UAH\N{NO-BREAK SPACE}1,200" in page.text
    assert client.get("/o/TnHG7QjEFukO", headers={"host": "127.0.0.1"}).status_code == 200
    assert client.get("/o/TnHG7QjEFukO", headers={"host": "otherschool.localhost"}).status_code == 404
    who = {"login": "owner@sampleschool.test", "password": "a password of the test"}
    answer = client.post("/accounts/login/", who, follow=True, headers={"host": "localhost"})
    assert answer.redirect_chain[-1][0] == "/sampleschool/"


def check_catalogue() -> None:
    assert Member.objects.get(user__email="owner@sampleschool.test").role == Role.OWNER
    assert [Course.objects.count(), Lesson.objects.filter(is_final=True).count()] == [3, 3]
    assert all(8 <= course.lessons.count() <= 12 and course.cover for course in Course.objects.all())
    now = clock.now()
    assert {availability_of(offer, now) for offer in Offer.objects.all()} == set(Availability) - {Availability.ARCHIVED}
    assert {offer.promo_runs(now) for offer in Offer.objects.exclude(promo_price_minor=None)} == {True, False}
    assert Offer.objects.filter(price_minor=0).exists() and Offer.objects.filter(is_listed=False).exists()


def check_orders() -> None:
    now = clock.now()
    assert (Order.objects.count(), Contact.objects.count()) == (300, 60)
    states = Counter(Order.objects.values_list("state", flat=True))
    assert set(states) == {"pending", "paid", "canceled", "expired", "refunded", "part_refunded"}
    assert Payment.objects.to_review().count() == 3
    assert set(Order.objects.values_list("language", flat=True)) == {"en", "uk", "pl"}
    assert set(Order.objects.values_list("source", flat=True)) == {"checkout", "manual"}
    first, last = (Order.objects.order_by(by)[0].created_at for by in ("created_at", "-created_at"))
    assert now - timedelta(days=92) < first < now - timedelta(days=80) and now - timedelta(days=3) < last < now
    assert not Order.objects.filter(created_at__gt=now).exists() and not Order.objects.filter(is_test=True).exists()
    assert LessonCompletion.objects.count() > 100
    assert Counter(Submission.objects.values_list("state", flat=True))["submitted"] == 2
    assert Access.objects.filter(is_whole=False).exists()


def check_automations() -> None:
    """One has rewarded all who finished since it is on; people have tags and answers, and a list follows a filter."""
    bonus, draft = Automation.objects.order_by("created_at")
    assert (bonus.state, draft.state) == (Automation.State.ON, Automation.State.DRAFT)
    rewarded = bonus.runs.filter(steps__coupon__isnull=False)
    runs = list(rewarded.values_list("state", "contact", "steps__coupon"))
    assert len(runs) >= 3 and {state for state, _contact, _coupon in runs} == {Run.State.DONE}
    rewards = Coupon.objects.filter(made_by=bonus.name, percent_bp=1_500)
    assert sorted(rewards.values_list("pk", "contact")) == sorted((coupon, who) for _state, who, coupon in runs)
    assert SentMail.objects.filter(state=SentMail.State.SENT, is_news=True).count() == bonus.runs.count() == len(runs)
    segment = ContactList.objects.get(conditions__isnull=False)
    assert 0 < members_of(segment).count() < 60
    assert {tag.contact_tags.count() > 1 for tag in Tag.objects.all()} == {True}
    assert [field.values.count() for field in ContactField.objects.order_by("position")] == [30, 20]


def check_nobody_is_told() -> None:
    """Nothing of the past is mailed or asked of a provider; what is due later waits for its time."""
    waiting = OutboxRow.objects.filter(done_at=None, available_at__lte=clock.now())
    assert set(waiting.values_list("kind", flat=True)) <= {"order_hold"}
    assert OutboxRow.objects.filter(done_at=None, kind="order_expiry").exists()
    assert [finding.invariant.name for finding in check_invariants([]) if finding.rows] == []


def check_bank_knows(books: Books) -> None:
    """What was paid by card can be given back: the bank has it in its books."""
    paid = Payment.objects.captured().filter(provider="test_bank").order_by("provider_ref")
    known = sorted((each.id, each.refunded_minor) for each in books.sessions.values() if each.status == "paid")
    assert known == list(paid.values_list("provider_ref", "refunded_minor"))
    assert len(known) > 150


def check_removal(sample: School) -> None:
    """A real order of a made-up contact keeps what it rests on; everything else is gone, and stays gone."""
    owner = Member.objects.filter
    with school_scope(sample):
        boss = owner(school=sample, role=Role.OWNER).get().user
        offer = Offer.objects.get(token="Grammar7Week")
        contact = Contact.objects.filter(email__startswith="anna.kowalska").get()
        terms = ManualOrder(contact=contact, offer=offer, currency="UAH", send_mail=False, choice="anyway")
        real = make_order(terms=terms, actor=boss)
    client = signed_in(boss)
    assert "Remove demo data" in client.get("/sampleschool/settings/").text
    assert client.get("/sampleschool/settings/demo-data/").status_code == 200
    assert client.post("/sampleschool/settings/demo-data/").status_code == 302
    with school_scope(sample):
        assert [order.pk for order in Order.objects.all()] == [real.pk]
        assert [kept.pk for kept in Contact.objects.all()] == [contact.pk]
        assert [kept.pk for kept in Offer.objects.all()] == [offer.pk]
        assert [course.title for course in Course.objects.all()] == ["English for work"]
        assert Access.objects.count() == 1
        assert StoredFile.objects.count() == 1
        assert not Automation.objects.exists() and not Run.objects.exists() and not ContactList.objects.exists()
        assert not Tag.objects.exclude(contact_tags__contact=contact).exists()
        assert TermsDocument.objects.count() == 2  # the offer that stays asks for them
        assert not SearchWord.objects.filter(kind="order").exclude(object_id=real.pk).exists()
        assert [row.kind for row in DemoRow.objects.all()] == [DemoRow.SEEDED]
    call_command("seed_demo", verbosity=0)
    with school_scope(sample):
        assert Order.objects.count() == 1
    assert "Remove demo data" not in client.get("/sampleschool/settings/").text


def test_courses_are_read_from_plain_text() -> None:
    course = read_course("english")
    assert (course.title, course.category, len(course.modules)) == ("English for work", "Languages", 3)
    last = course.modules[-1][1][-1]
    assert last.title == "Your own presentation in five minutes"
    assert sorted(last.marks) == ["assignment", "final", "staff"]


def test_text_becomes_paragraphs_and_lists() -> None:
    assert html_of("One\nline <b>.\n\n- a\n- b\n  c") == "<p>One line &lt;b&gt;.</p><ul><li>a</li><li>b c</li></ul>"
