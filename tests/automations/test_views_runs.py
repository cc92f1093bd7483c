"""Runs of automations: listed, shown step by step, tried again, stopped, started by hand; errors under their names."""

from datetime import timedelta

import pytest

from automations import reasons
from automations.models import Run, RunStep
from kwiga import clock
from schools.journal import record_event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon, wait
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import list_of
from tests.support.automations import runs

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.fixture
def automation(school):
    steps = (percent_coupon(), mail(), wait(days=2), ("tag", {"tag": "vip"}))
    return AutomationFactory(school=school, name="Gift", trigger="contact.by_hand", steps=steps)


@pytest.fixture
def base(automation) -> str:
    return f"/green/automations/{automation.token}/"


def only(school) -> Run:
    with school_scope(school):
        return Run.objects.get()


def test_it_is_started_by_hand_for_a_list_or_one_person(school, owner, staff, automation, base):
    people = [ContactFactory(school=school) for _ in range(3)]
    group = list_of(school, *people[:2])
    client = staff(owner)
    assert "Choose a list, or enter the email of one person." in client.post(f"{base}by-hand/", {}).text
    assert "No contact has this email." in client.post(f"{base}by-hand/", {"contact": "no@example.test"}).text
    page = client.post(f"{base}by-hand/", {"contact_list": group.token}, follow=True)
    assert "It is started for 2 contacts." in page.text
    client.post(f"{base}by-hand/", {"contact": people[2].email})
    drain()
    assert runs(school) == [("waiting", "")] * 3


def test_an_automation_about_an_order_is_not_started_by_hand(school, owner, staff):
    automation = AutomationFactory(school=school, trigger="order.paid", trigger_settings={"offer": ""})
    person = ContactFactory(school=school)
    client = staff(owner)
    assert "Start by hand" not in client.get(f"/green/automations/{automation.token}/").text
    page = client.post(f"/green/automations/{automation.token}/by-hand/", {"contact": person.email})
    assert "about nothing but the contact" in page.text


@pytest.mark.spec("P1.5")
def test_a_run_shows_every_step_with_time_outcome_and_reason(school, owner, staff, automation, base):
    person = ContactFactory(school=school, name="Ola Kovalenko")
    client = staff(owner)
    client.post(f"{base}by-hand/", {"contact": person.email})
    drain()
    page = client.get(f"/green/automations/runs/{only(school).token}/")
    text = " ".join(page.text.split())
    assert "When the team starts it by hand" in text
    assert [done.state if done else None for _, _, _, done, _ in page.context["lines"]] == [
        "done",
        "done",
        "waiting",
        None,
    ]
    with school_scope(school):
        code = RunStep.objects.get(coupon__isnull=False).coupon.codes.get().code
    assert code in text
    assert "still to come" in text
    assert "Ola Kovalenko</a>" in text
    overview = client.get(base)
    assert [line.count.reached for line in overview.context["lines"]] == [1, 1, 1, 0]
    assert "Gift" in client.get(f"/green/contacts/{person.token}/").text


def test_a_run_that_waits_is_stopped_with_a_reason(school, owner, staff, automation, base):
    person = ContactFactory(school=school)
    client = staff(owner)
    client.post(f"{base}by-hand/", {"contact": person.email})
    drain()
    page = client.post(f"/green/automations/runs/{only(school).token}/stop/", follow=True)
    assert "Stopped by the team." in page.text
    assert runs(school) == [("stopped", "by_hand")]
    again = client.post(f"/green/automations/runs/{only(school).token}/stop/", follow=True)
    assert "the run went on meanwhile" in again.text


def test_a_failed_step_is_tried_again(school, owner, staff):
    group = list_of(school)
    automation = AutomationFactory(
        school=school, trigger="contact.by_hand", steps=(("list_add", {"list": group.token}),)
    )
    with school_scope(school):
        group.archived_at = clock.now()
        group.save()
    person = ContactFactory(school=school)
    client = staff(owner)
    client.post(f"/green/automations/{automation.token}/by-hand/", {"contact": person.email})
    drain()
    assert [state for state, _ in runs(school)] == ["failed"]
    address = f"/green/automations/runs/{only(school).token}/"
    assert "Try the step again" in client.get(address).text
    with school_scope(school):
        group.archived_at = None
        group.save()
    client.post(f"{address}retry/")
    drain()
    assert [state for state, _ in runs(school)] == ["done"]
    assert "Try the step again" not in client.get(address).text


def test_runs_are_found_by_state_person_and_day(school, owner, staff, automation, base):
    ola, ben = ContactFactory(school=school, name="Ola"), ContactFactory(school=school, name="Ben")
    client = staff(owner)
    for person in (ola, ben):
        client.post(f"{base}by-hand/", {"contact": person.email})
    drain()

    def found(query: str) -> list[str]:
        return [run.contact.name for run, _ in client.get(f"{base}runs/{query}").context["rows"]]

    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    yesterday = (clock.now() - timedelta(days=2)).date().isoformat()
    assert found("") == ["Ben", "Ola"]
    assert found("?q=ola") == ["Ola"]
    assert found("?state=done") == []
    assert found(f"?since={yesterday}&until={tomorrow}") == ["Ben", "Ola"]
    assert found(f"?since={tomorrow}") == []
    assert found(f"?until={yesterday}") == []


def test_the_number_of_queries_does_not_follow_the_number_of_runs(
    school, owner, staff, automation, base, django_assert_num_queries, django_assert_max_num_queries
):
    client = staff(owner)

    def start() -> None:
        client.post(f"{base}by-hand/", {"contact": ContactFactory(school=school).email})
        drain()

    start()
    client.get(f"{base}runs/")
    with django_assert_max_num_queries(30) as few:
        client.get(f"{base}runs/")
    count = len(few)
    start()
    start()
    with django_assert_num_queries(count):
        client.get(f"{base}runs/")


# --- Errors (C35) ---


def _err(school, automation, reason: str, *, days_ago: int = 0, state: str = "failed") -> None:
    person, at = ContactFactory(school=school), clock.now() - timedelta(days=days_ago)
    with school_scope(school):
        Run.objects.create(
            school=school,
            automation=automation,
            version=automation.versions.get(),
            contact=person,
            event=record_event("contact.created", subject=person),
            occurrence=f"test:{person.pk}",
            state=state,
            reason=reason,
            started_at=at,
            finished_at=at,
        )


def test_the_number_of_queries_does_not_follow_the_number_of_errors(
    school, owner, staff, automation, django_assert_num_queries, django_assert_max_num_queries
):
    client = staff(owner)
    _err(school, automation, reasons.NO_FREE_CODE)
    client.get("/green/automations/errors/")
    with django_assert_max_num_queries(20) as few:
        client.get("/green/automations/errors/")
    _err(school, automation, reasons.NO_OFFER)
    _err(school, automation, reasons.OBJECT_GONE, days_ago=2)
    with django_assert_num_queries(len(few)):
        client.get("/green/automations/errors/")


@pytest.mark.spec("C35.1")
@pytest.mark.spec("C35.3")
def test_errors_are_counted_once_under_their_names_and_by_days(school, owner, staff, automation):
    _err(school, automation, reasons.NO_FREE_CODE)
    _err(school, automation, reasons.NO_FREE_CODE, days_ago=10)
    _err(school, automation, reasons.MAX_RUNS, state="stopped")
    _err(school, automation, reasons.NOT_FITTING, state="stopped")  # being for other people is no error
    _err(school, automation, reasons.PAID, state="stopped")
    client = staff(owner)

    def counted(query: str = "") -> dict[str, int]:
        page = client.get(f"/green/automations/errors/{query}")
        return {error.reason: error.number for error in page.context["errors"]}

    assert counted() == {reasons.NO_FREE_CODE: 2, reasons.MAX_RUNS: 1}
    since = (clock.now() - timedelta(days=5)).date().isoformat()
    assert counted(f"?since={since}") == {reasons.NO_FREE_CODE: 1, reasons.MAX_RUNS: 1}
    assert counted(f"?until={since}") == {reasons.NO_FREE_CODE: 1}
    assert "No code of the pattern was free." in client.get("/green/automations/errors/").text
    other = AutomationFactory(school=school)
    assert counted(f"?automation={other.token}") == {}


def test_without_errors_the_page_says_so(school, owner, staff):
    assert "No errors" in staff(owner).get("/green/automations/errors/").text


# --- Rehearsal ---


def test_the_rehearsal_says_who_would_have_got_it_and_writes_nothing(school, owner, staff):
    ContactFactory(school=school, name="Ola")
    automation = AutomationFactory(school=school, is_on=False)
    client = staff(owner)
    page = client.get(f"/green/automations/{automation.token}/rehearsal/")
    assert page.context["found"].total == 1
    assert "Ola" in page.text
    assert runs(school) == []
    empty = AutomationFactory(school=school, trigger="order.paid", trigger_settings={"offer": ""}, is_on=False)
    assert "Nobody" in client.get(f"/green/automations/{empty.token}/rehearsal/").text


def test_the_pages_of_another_school_are_not_there(school, automation, stranger, staff):
    client = staff(stranger)
    for path in ("", "edit/", "runs/", "rehearsal/"):
        assert client.get(f"/red/automations/{automation.token}/{path}").status_code == 404
        assert client.get(f"/green/automations/{automation.token}/{path}").status_code == 404
