"""The list of automations, the gallery of recipes, and the moves of an automation."""

import pytest

from automations.models import Automation
from automations.recipes import recipe_of, recipes
from automations.triggers import trigger_of
from schools.tenancy.scope import school_scope
from tests.automations.pages import made, steps_of
from tests.factories.automations import AutomationFactory
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import list_of
from tests.factories.courses import CourseFactory

LIST = "/green/automations/"


def names(client, query: str = "") -> list[str]:
    return [row.automation.name for row in client.get(LIST + query).context["rows"]]


def move(client, automation: Automation, what: str):
    return client.post(f"{LIST}{automation.token}/moves/{what}/", {"back": "list"}, follow=True)


def state_of(automation: Automation) -> str:
    with school_scope(automation.school_id):
        automation.refresh_from_db()
    return automation.state


@pytest.mark.spec("SEED-K: From the Courses menu, go to Process Automation.")
def test_the_way_is_courses_then_process_automation(school, owner, staff):
    page = staff(owner).get("/green/").text
    assert page.index(">Courses</div>") < page.index("Process automation") < page.index(">Sales</div>")
    assert "No automations yet" in staff(owner).get(LIST).text


def test_a_line_says_what_starts_it_and_how_often_it_ran(school, owner, staff):
    course = CourseFactory(school=school, title="Morning yoga")
    AutomationFactory(
        school=school,
        name="Bonus",
        trigger="course.progress",
        trigger_settings={"course": course.token, "percent": 100},
    )
    (row,) = staff(owner).get(LIST).context["rows"]
    assert "Morning yoga" in row.sentence
    assert (row.counts.total, row.has_changes) == (0, False)


def test_search_state_and_event_are_in_the_address(school, owner, staff):
    AutomationFactory(school=school, name="Birthday gift")
    AutomationFactory(school=school, name="Birthday mail", trigger="contact.by_hand", is_on=False)
    client = staff(owner)
    assert names(client) == ["Birthday mail", "Birthday gift"]
    assert names(client, "?q=GIFT birth") == ["Birthday gift"]
    assert names(client, "?state=draft") == ["Birthday mail"]
    assert names(client, "?trigger=contact.created") == ["Birthday gift"]
    assert names(client, "?state=nonsense&trigger=nonsense") == ["Birthday mail", "Birthday gift"]
    assert "No automation fits" in client.get(f"{LIST}?q=nothing").text


def test_the_number_of_queries_does_not_follow_the_number_of_automations(
    school, owner, staff, django_assert_num_queries, django_assert_max_num_queries
):
    def make() -> None:
        course = CourseFactory(school=school)
        said = {"course": course.token, "percent": 50}
        AutomationFactory(school=school, trigger="course.progress", trigger_settings=said)

    make()
    client = staff(owner)
    client.get(LIST)
    with django_assert_max_num_queries(40) as few:
        client.get(LIST)
    make()
    make()
    with django_assert_num_queries(len(few)):
        client.get(LIST)


def test_on_off_copy_archive_and_undo(school, owner, staff):
    automation = AutomationFactory(school=school, name="Gift")
    client = staff(owner)
    assert "The automation is off." in move(client, automation, "off").text
    assert state_of(automation) == "off"
    move(client, automation, "on")
    assert state_of(automation) == "on"
    assert "Gift (copy)" in move(client, automation, "copy").text
    page = move(client, automation, "archive")
    assert state_of(automation) == "archived"
    assert names(client) == ["Gift (copy)"]
    assert names(client, "?state=archived") == ["Gift"]
    (message,) = page.context["messages"]
    client.post(message.extra_tags)
    assert state_of(automation) == "on"  # as it was
    assert "not possible any more" in move(client, automation, "restore").text
    assert client.post(f"{LIST}{automation.token}/moves/nonsense/").status_code == 404


def test_undo_is_for_who_did_it_and_for_the_same_school(school, owner, teammate, staff, stranger):
    automation = AutomationFactory(school=school)
    page = move(staff(owner), automation, "archive")
    (message,) = page.context["messages"]
    assert staff(teammate).post(message.extra_tags).status_code == 403
    red = message.extra_tags.replace("/green/", "/red/")
    assert "cannot be undone" in staff(stranger).post(red, follow=True).text
    assert state_of(automation) == "archived"


def test_changes_that_are_not_applied_are_told_in_the_list(school, owner, staff):
    automation = AutomationFactory(school=school, steps=(("tag", {"tag": "New"}),))
    client = staff(owner)
    client.post(f"{LIST}{automation.token}/edit/0/", {"kind": "tag", "tag": "Fresh"})
    assert "changes not applied" in client.get(LIST).text


# --- Recipes ---


@pytest.mark.parametrize("key", [recipe.key for recipe in recipes()])
def test_each_recipe_becomes_a_draft_that_wants_nothing_but_names_of_own_things(school, owner, staff, key):
    client = staff(owner)
    assert "Create the draft" in client.get(f"{LIST}new/?recipe={key}").text
    answer = client.post(f"{LIST}new/", {"name": "Mine", "recipe": key})
    page = client.get(answer.url)
    problems = [problem.sentence for problem in page.context["problems"]]
    assert set(problems) <= {"Choose a list that people are put in."}
    with school_scope(school):
        version = Automation.objects.get().versions.get()
        assert trigger_of(version.trigger).key == recipe_of(key).trigger
    for kind, said in steps_of(school, Automation(pk=version.automation_id, school_id=school.pk)):
        if kind == "mail":
            assert set(said["texts"]) == {"en", "uk", "pl"}


def test_the_recipes_of_the_article_are_all_there():
    assert [recipe.key for recipe in recipes()] == [
        "course-finished",
        "absent",
        "unpaid",
        "paid-after-all",
        "purchases",
        "first-purchase",
        "final-assignment",
    ]


def test_a_recipe_with_a_list_is_switched_on_when_the_list_is_chosen(school, owner, staff):
    group = list_of(school, name="Customers")
    automation = made(school, recipe="first-purchase")
    client = staff(owner)
    move(client, automation, "on")
    assert state_of(automation) == "draft"
    client.post(f"{LIST}{automation.token}/edit/0/", {"kind": "list_add", "list": group.token})
    move(client, automation, "on")
    assert state_of(automation) == "on"


def test_a_recipe_nobody_knows_is_an_empty_flow(school, owner, staff):
    client = staff(owner)
    client.post(f"{LIST}new/", {"name": "Mine", "recipe": "nonsense"})
    with school_scope(school):
        assert Automation.objects.get().versions.get().trigger == ""
    assert "This field is required." in client.post(f"{LIST}new/", {"name": "  ", "recipe": ""}).text


def test_the_contacts_page_shows_the_runs_of_the_contact(school, owner, staff):
    person = ContactFactory(school=school)
    page = staff(owner).get(f"/green/contacts/{person.token}/").text
    assert "No automation has run for this contact." in page
