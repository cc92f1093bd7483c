"""The activity page: every kind of event has a sentence, and the page says what, who and when."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from kwiga import clock
from schools import activity
from schools.journal import record_event
from schools.models import Event, Member
from schools.roles import Role
from schools.services.invitations import invite
from schools.services.team import change_role, remove_member
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.factories.schools import MemberFactory
from tests.support.database import ROOT

KIND = re.compile(r"[a-z]+\.[a-z_]+")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def recorded_kinds(source: str) -> set[str]:
    """Strings of the shape `noun.past_participle`: all of a module that calls `record_event`, else what calls get."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    everywhere = names & {"record_event", "record_events"}
    told = [ast.parse(source)] if everywhere else [part for call in calls for part in _told(call)]
    constants = [node for part in told for node in ast.walk(part) if isinstance(node, ast.Constant)]
    return {node.value for node in constants if isinstance(node.value, str) and KIND.fullmatch(node.value)}


def _told(call: ast.Call) -> list[ast.expr]:
    """What a call says of an event: the first argument of `record_facts`, and `event=` of any call."""
    is_recorder = isinstance(call.func, ast.Name) and call.func.id == "record_facts"
    keywords = [word.value for word in call.keywords if word.arg == "event"]
    return [*(call.args[:1] if is_recorder else []), *keywords]


def sources() -> list[Path]:
    return [
        path
        for app in ("kwiga", "schools", "contacts", "courses", "offers", "coupons", "orders", "automations")
        for path in (ROOT / app).rglob("*.py")
    ]


def test_every_kind_that_is_recorded_has_a_sentence():
    kinds = set().union(*[recorded_kinds(path.read_text()) for path in sources()])
    registered = {kind for topic in activity.topics().values() for kind in topic.kinds}
    assert {"school.created", "member.role_changed", "offer.published", "delivery.retried"} <= kinds
    assert kinds - registered == set()
    assert registered - kinds == set(), "sentences for events that nobody records"


def test_a_kind_without_a_sentence_would_be_noticed():
    """The control: calls with a word of their own, and words handed on to a call."""
    assert recorded_kinds('def f():\n    record_event("tea.drunk", actor=None)') == {"tea.drunk"}
    assert recorded_kinds('MOVES = {"tea.spilled": 1}\ndef f(kind):\n    record_event(kind)') == {"tea.spilled"}
    assert recorded_kinds('def f():\n    imports.start(1, event="tea.poured")') == {"tea.poured"}
    assert recorded_kinds('NOT_AN_EVENT = "tea.drunk"') == set()


@pytest.fixture
def url(school):
    return reverse("schools:activity", args=[school.slug])


@pytest.fixture
def boss(school) -> Member:
    with school_scope(school):
        return Member.objects.get(school=school, role=Role.OWNER)


def lines(response) -> list[tuple[str, str, str]]:
    return [(str(e.sentence), e.subject.text if e.subject else "", e.detail) for e in response.context["entries"]]


def test_lines_say_what_happened_to_what(url, school, boss, staff):
    admin = MemberFactory(school=school, role=Role.ADMIN)
    offer = PublishedOfferFactory(school=school, title="Yoga <b>")
    with school_scope(school):
        change_role(member=admin, role=Role.SUPPORT, actor=boss)
        invite(email="new@example.test", role=Role.SALES, actor=boss)
        remove_member(member=admin, actor=boss)
        record_event("school.changed", subject=school, actor=boss.user, data={"fields": ["name", "gone_field"]})
        record_event("tea.drunk", actor=None)
    page = staff(boss.user).get(url)

    assert page.status_code == 200
    assert lines(page) == [
        ("tea.drunk", "", ""),
        ("Settings changed", "", "Name"),
        ("Taken off the team", str(admin.user), ""),
        ("Invitation sent", "new@example.test", "Sales"),
        ("Role changed", str(admin.user), "Admin → Support"),
        ("Offer put on sale", "Yoga <b>", ""),
        ("Offer made", "Yoga <b>", ""),
    ]
    assert "Yoga &lt;b&gt;" in page.text
    assert reverse("offers:detail", args=[school.slug, offer.token]) in page.text
    assert "Automatically" in page.text and str(boss.user) in page.text


def test_times_and_days_are_the_schools(url, school, boss, staff):
    """22:30 UTC in Kyiv is half past midnight of the next day."""
    with clock.at(datetime(2026, 11, 20, 22, 30, tzinfo=UTC)), school_scope(school):
        record_event("school.changed", actor=boss.user)
    page = staff(boss.user).get(url).text
    assert "Nov 21, 2026" in page and ">00:30</time>" in page
    assert "Nov 20, 2026<" not in page


@pytest.fixture
def many(school, boss) -> list[int]:
    """120 events, three for each instant, newest first."""
    with school_scope(school):
        rows = [
            Event(school=school, kind="school.changed", actor=boss.user, created_at=NOON + timedelta(seconds=n // 3))
            for n in range(120)
        ]
        Event.objects.bulk_create(rows)
        return list(Event.objects.order_by("-created_at", "-id").values_list("pk", flat=True))


def shown(response) -> list[int]:
    return [entry.event.pk for entry in response.context["entries"]]


def test_pages_follow_each_other_without_gap_or_repeat(url, boss, many, staff):
    client, address, seen = staff(boss.user), url, []
    for _ in range(3):
        page = client.get(address)
        seen += shown(page)
        address = url + page.context["page"].next
    assert seen == many
    assert (page.context["page"].next, bool(page.context["page"].previous)) == ("", True)
    back = client.get(url + page.context["page"].previous)
    assert shown(back) == many[50:100]


def test_a_cursor_that_makes_no_sense_is_the_first_page(url, boss, many, staff):
    client = staff(boss.user)
    for cursor in ("x", "1-", "-1-2", "9" * 50, "99999999999999999999-1"):
        page = client.get(url, {"after": cursor})
        assert page.status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_asks_as_much_for_many_as_for_one(url, school, boss, staff, count, django_assert_num_queries):
    for _ in range(count):
        PublishedOfferFactory(school=school)
        with school_scope(school):
            record_event("member.joined", actor=MemberFactory(school=school).user, data={"user": boss.user_id})
    client = staff(boss.user)
    client.get(url)
    # Session, user, school; savepoint, scope, membership; events, people, offers, users, team; scope, savepoint.
    with django_assert_num_queries(12):
        assert len(client.get(url).context["entries"]) == 3 * count


def test_narrowed_to_a_topic_and_a_person(url, school, boss, staff):
    PublishedOfferFactory(school=school)
    colleague = MemberFactory(school=school).user
    with school_scope(school):
        record_event("school.changed", actor=boss.user)
        record_event("school.changed", actor=colleague)
    client = staff(boss.user)

    def sentences(**query):
        return [sentence for sentence, _subject, _detail in lines(client.get(url, query))]

    assert sentences(topic="offers") == ["Offer put on sale", "Offer made"]
    assert sentences(person=colleague.pk) == ["Settings changed"]
    assert sentences(topic="offers", person=colleague.pk) == []
    assert len(sentences(topic="nonsense", person="nobody")) == 4
    assert "Nothing fits" in client.get(url, {"topic": "deliveries"}).text


def test_an_empty_journal_says_so(url, boss, staff):
    assert "Nothing has happened yet" in staff(boss.user).get(url).text


def test_events_of_another_school_are_not_shown(url, other_school, boss, staff):
    with school_scope(other_school):
        record_event("school.changed", actor=boss.user)
    assert lines(staff(boss.user).get(url)) == []


def test_who_may_look(url, school, teammate, stranger, staff, visitor):
    assert staff(teammate).get(url).status_code == 200
    assert staff(MemberFactory(school=school, role=Role.SALES).user).get(url).status_code == 403
    assert staff(stranger).get(url).status_code == 404
    assert visitor().get(url).url == f"/accounts/login/?next={url}"
