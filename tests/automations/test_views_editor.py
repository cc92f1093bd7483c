"""The editor: trigger, people, steps put in, written, moved and taken out, by plain posts."""

import re

import pytest

from automations.models import Automation
from schools.tenancy.scope import school_scope
from tests.automations.pages import COUPON, MAIL, made, steps_of
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.courses import CourseFactory


@pytest.fixture
def automation(school) -> Automation:
    return made(school, trigger="contact.created")


@pytest.fixture
def base(automation) -> str:
    return f"/green/automations/{automation.token}/edit/"


def test_an_automation_is_built_from_nothing_and_switched_on(school, owner, staff):
    course = CourseFactory(school=school, title="Morning yoga")
    client = staff(owner)
    answer = client.post("/green/automations/new/", {"name": "Bonus", "recipe": ""})
    edit = answer.url
    assert "Choose what starts the automation." in client.get(edit).text
    assert "A contact is new" in client.get(f"{edit}trigger/").text
    assert "A course is done to a percentage" in client.get(f"{edit}trigger/?trigger=course.progress").text
    client.post(f"{edit}trigger/", {"trigger": "course.progress", "course": course.token, "percent": "100"})
    client.post(f"{edit}add/?at=0&kind=coupon", COUPON)
    body = "Hello {{ contact.name }}: {{ coupon.code }} until {{ coupon.expires }}"
    client.post(f"{edit}add/?at=1&kind=mail", MAIL | {"body_en": body})
    page = client.get(edit).text
    assert "Morning yoga" in page
    assert "Create a personal coupon of 15%, valid for 7 days" in page
    with school_scope(school):
        automation = Automation.objects.get()
    assert client.post(edit.replace("/edit/", "/moves/on/")).status_code == 302
    with school_scope(school):
        automation.refresh_from_db()
        assert automation.state == Automation.State.ON
        version = automation.versions.get(is_live=True)
        assert version.trigger_settings == {"course": course.token, "percent": 100}
    (_, coupon), (_, mail) = steps_of(school, automation)
    assert coupon["percent_bp"] == 1500
    assert (coupon["valid"], coupon["valid_days"], coupon["personal"]) == ("days", 7, True)
    assert mail == {"texts": {"en": {"subject": "For you, {{ contact.name }}", "body": body}}, "is_news": True}


def test_steps_are_put_in_between_moved_and_taken_out_with_undo(school, owner, staff, automation, base):
    client = staff(owner)
    client.post(f"{base}add/?at=0&kind=tag", {"kind": "tag", "tag": "First"})
    client.post(f"{base}add/?at=1&kind=tag", {"kind": "tag", "tag": "Last"})
    client.post(f"{base}add/?at=1&kind=wait", {"kind": "wait", "days": "2", "hours": "", "minutes": ""})
    assert [kind for kind, _ in steps_of(school, automation)] == ["tag", "wait", "tag"]
    answer = client.post(f"{base}1/move/", {"by": "down"})
    assert answer.url.endswith("?at=2&by=down#step-2")
    assert [said.get("tag") for _, said in steps_of(school, automation)] == ["First", "Last", None]
    client.post(f"{base}0/move/", {"by": "up"})  # the first one stays
    assert [said.get("tag") for _, said in steps_of(school, automation)] == ["First", "Last", None]
    page = client.post(f"{base}0/delete/", follow=True)
    assert [said.get("tag") for _, said in steps_of(school, automation)] == ["Last", None]
    (message,) = page.context["messages"]
    assert client.post(message.extra_tags, follow=True).status_code == 200
    assert [said.get("tag") for _, said in steps_of(school, automation)] == ["First", "Last", None]
    client.post(message.extra_tags)  # a second time takes nothing back
    assert len(steps_of(school, automation)) == 3


def test_bounds_of_sums_are_empty_or_in_order(school, owner, staff, automation, base):
    client, said = staff(owner), {"trigger": "order.paid", "offer": "", "least": "500"}
    assert "No order has such a sum." in client.post(f"{base}trigger/", said | {"most": "499"}).text
    client.post(f"{base}trigger/", said | {"most": ""})
    with school_scope(school):
        kept = automation.versions.get().trigger_settings
    assert kept == {"offer": "", "least": 500, "most": None}
    assert "is paid, of 500 or more" in client.get(base).text


def test_coupons_of_one_person_do_not_crowd_out_the_others(school, owner, staff, base):
    CouponFactory(school=school, code="SPRING")
    CouponFactory(school=school, code="MINE", audience="contact", contact_id=ContactFactory(school=school).pk)
    page = staff(owner).get(f"{base}trigger/?trigger=coupon.redeemed").text
    assert ">SPRING</option>" in page and ">MINE</option>" not in page


def test_a_form_that_is_wrong_says_why_and_writes_nothing(school, owner, staff, automation, base):
    client = staff(owner)
    page = client.post(f"{base}add/?at=0&kind=wait", {"kind": "wait", "days": "", "hours": "", "minutes": ""})
    assert page.status_code == 200
    assert "Enter how long to wait." in page.text
    page = client.post(f"{base}add/?at=0&kind=coupon", COUPON | {"size": "150"})
    assert "Enter a percentage from 1 to 100" in page.text
    assert steps_of(school, automation) == []


@pytest.mark.spec("P3.4")
def test_a_pattern_that_is_too_short_is_refused_with_the_number_of_codes(owner, staff, school, automation, base):
    client = staff(owner)
    short = COUPON | {"code": "pattern", "pattern": "BDAY-##"}
    page = client.post(f"{base}add/?at=0&kind=coupon", short).text
    assert "961" in page
    assert steps_of(school, automation) == []
    long = client.post(f"{base}add/?at=0&kind=coupon", short | {"pattern": "BDAY-######"})
    assert long.status_code == 302
    assert steps_of(school, automation)[0][1]["pattern"] == "BDAY-######"
    assert "887\N{NO-BREAK SPACE}503\N{NO-BREAK SPACE}681 different codes" in client.get(f"{base}0/").text


@pytest.mark.spec("P7.3")
@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("{{ order.number }}", "“order.number” is not known here"),
        ("{{ coupon.code }}", "“coupon.code” is not known here"),
        ("{{ contact.password }}", "“contact.password” is no word that can be filled in."),
        ("{{ }}", "is no word that can be filled in."),
    ],
)
def test_a_word_that_is_not_known_here_is_refused(school, owner, staff, automation, base, word, sentence):
    page = staff(owner).post(f"{base}add/?at=0&kind=mail", MAIL | {"body_en": f"Hello {word}"})
    assert sentence in page.text
    assert steps_of(school, automation) == []


def test_a_refused_step_has_its_first_wrong_field_in_focus(school, owner, staff, automation, base):
    page = staff(owner).post(f"{base}add/?at=0", COUPON | {"size": "", "valid_days": "-1"})
    assert page.status_code == 200
    assert [tag for tag in re.findall(r"<input[^>]*>", page.text) if "autofocus" in tag] == [
        tag for tag in re.findall(r"<input[^>]*>", page.text) if 'name="size"' in tag
    ]


def test_words_of_a_coupon_are_known_behind_the_step_that_makes_it(school, owner, staff, automation, base):
    client = staff(owner)
    client.post(f"{base}add/?at=0&kind=coupon", COUPON)
    mail = MAIL | {"body_en": "{{ coupon.code }} {{ coupon.size }} {{ courses_link }}"}
    assert "is not known here" in client.post(f"{base}add/?at=0&kind=mail", mail).text
    assert client.post(f"{base}add/?at=1&kind=mail", mail).status_code == 302
    assert [kind for kind, _ in steps_of(school, automation)] == ["coupon", "mail"]


def test_changes_of_a_live_automation_open_a_draft_and_are_applied_or_given_up(school, owner, staff):
    automation = made(school, trigger="contact.created", steps=[{"kind": "tag", "settings": {"tag": "New"}}])
    base, client = f"/green/automations/{automation.token}/", staff(owner)
    client.post(f"{base}moves/on/")
    client.post(f"{base}edit/0/", {"kind": "tag", "tag": "Fresh"})
    page = client.get(f"{base}edit/").text
    assert "changes that are not applied" in page
    assert "“New”" in client.get(base).text  # the overview shows what runs
    assert "“Fresh”" in page
    client.post(f"{base}moves/discard/")
    assert "“New”" in client.get(f"{base}edit/").text
    client.post(f"{base}edit/0/", {"kind": "tag", "tag": "Fresh"})
    client.post(f"{base}moves/apply/")
    with school_scope(school):
        live = automation.versions.get(is_live=True)
        assert (live.number, live.steps.get().settings) == (2, {"tag": "Fresh"})
        assert not automation.versions.filter(published_at=None).exists()


def test_switching_on_says_what_is_missing_and_where(school, owner, staff):
    automation = made(school, recipe="first-purchase")
    client = staff(owner)
    page = client.post(f"/green/automations/{automation.token}/moves/on/", follow=True).text
    assert "Something is missing before the automation can be switched on." in page
    assert "Step 1: Choose a list that people are put in." in " ".join(page.split())
    with school_scope(school):
        assert Automation.objects.get().state == Automation.State.DRAFT


def test_people_are_chosen_by_conditions_and_everybody_by_none(school, owner, staff, automation, base):
    client = staff(owner)
    person = ContactFactory(school=school, name="Olha")
    group = list_of(school, person, name="Graduates")
    page = client.post(
        f"{base}conditions/", {"conditions-node": "0", "conditions-0-match": "all", "conditions": "add:0"}
    )
    assert "Choose what to ask" in page.text
    said = {
        "conditions-node": ["0", "0-0"],
        "conditions-0-match": "all",
        "conditions-0-0-fact": "list",
        "conditions-0-0-op": "in",
        "conditions-0-0-value": group.token,
    }
    answer = client.post(f"{base}conditions/", said)
    assert answer.status_code == 302, answer.text
    assert "Graduates" in client.get(base).text
    client.post(f"{base}conditions/", {"conditions-node": "0", "conditions-0-match": "all"})
    assert "Everybody" in client.get(base).text


def test_a_condition_step_asks_about_the_order_only_where_there_is_one(school, owner, staff, automation, base):
    client = staff(owner)
    assert "is still not paid" not in client.get(f"{base}add/?at=0&kind=condition").text
    client.post(f"{base}trigger/", {"trigger": "order.unpaid", "offer": "", "hours": "24"})
    assert "is still not paid" in client.get(f"{base}add/?at=0&kind=condition").text
    nothing = {"kind": "condition", "order": "", "conditions-node": "0", "conditions-0-match": "all"}
    assert "without one, everybody goes on" in client.post(f"{base}add/?at=0&kind=condition", nothing).text
    client.post(f"{base}add/?at=0&kind=condition", nothing | {"order": "unpaid"})
    assert steps_of(school, automation) == [("condition", {"conditions": None, "order": "unpaid"})]


def test_how_often_it_runs_is_changed_at_once(school, owner, staff, automation, base):
    client = staff(owner)
    bad = client.post(f"{base}facts/", {"name": "Bonus", "repeat": "pause", "repeat_days": "", "max_runs": ""})
    assert "Enter after how many days it may run again." in bad.text
    client.post(f"{base}facts/", {"name": "Prize", "repeat": "pause", "repeat_days": "30", "max_runs": "5"})
    page = " ".join(client.get(base).text.split())
    assert "For the same contact again after 30 days. At most 5 in all." in page
    with school_scope(school):
        automation.refresh_from_db()
        assert (automation.name, automation.repeat_days, automation.max_runs) == ("Prize", 30, 5)


def test_what_a_step_names_and_is_gone_stays_visible_and_is_not_replaced(school, owner, staff, automation, base):
    client = staff(owner)
    group = list_of(school, name="Graduates")
    client.post(f"{base}add/?at=0&kind=list_add", {"kind": "list_add", "list": group.token})
    with school_scope(school):
        group.delete()
    page = client.get(f"{base}0/").text
    assert "(no longer there)" in page
    assert f'value="{group.token}" selected' in page


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("untag", {"tag": " VIP  buyer "}, {"tag": "VIP buyer"}),
        ("notify", {"by": "mail", "channel": "", "text": "Sold"}, {"by": "mail", "channel": "", "text": "Sold"}),
        (
            "webhook",
            {"url": "https://example.test/?user={{ contact.email }}", "headers": "X-Key: 1:2", "body": ""},
            {"url": "https://example.test/?user={{ contact.email }}", "headers": [["X-Key", "1:2"]], "body": ""},
        ),
        ("stop", {}, {}),
    ],
)
def test_each_kind_of_step_is_written_as_the_engine_reads_it(school, owner, staff, automation, base, kind, sent, kept):
    answer = staff(owner).post(f"{base}add/?at=0&kind={kind}", {"kind": kind} | sent)
    assert answer.status_code == 302, answer.text
    assert steps_of(school, automation) == [(kind, kept)]


def test_access_is_given_for_days_or_for_ever(school, owner, staff, automation, base):
    course = CourseFactory(school=school)
    client = staff(owner)
    said = {"kind": "access", "course": course.token, "lasts": "days", "days": ""}
    assert "Enter for how many days." in client.post(f"{base}add/?at=0&kind=access", said).text
    client.post(f"{base}add/?at=0&kind=access", said | {"days": "30"})
    client.post(f"{base}add/?at=1&kind=access", said | {"lasts": "forever", "days": "30"})
    assert [said["days"] for _, said in steps_of(school, automation)] == [30, None]


@pytest.mark.spec("K05.3")
@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://10.1.2.3/x", "https://[::1]/", "https://localhost/"])
def test_a_webhook_goes_into_no_private_network(school, owner, staff, automation, base, url):
    page = staff(owner).post(f"{base}add/?at=0&kind=webhook", {"kind": "webhook", "url": url}).text
    assert "The store does not call addresses inside a private network." in page
    assert steps_of(school, automation) == []


@pytest.mark.parametrize("url", ["http://example.test/", "ftp://example.test/", "javascript:alert(1)", "example.test"])
def test_a_webhook_goes_to_https_alone(school, owner, staff, automation, base, url):
    page = staff(owner).post(f"{base}add/?at=0&kind=webhook", {"kind": "webhook", "url": url}).text
    assert "The address has to begin with https://." in page or "This is no address that can be called." in page
    assert steps_of(school, automation) == []
