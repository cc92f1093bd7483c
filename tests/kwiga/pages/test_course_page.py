"""The public page of a course: its outline, and plans side by side."""

import re
from datetime import timedelta

import pytest

from courses.models import Module
from offers.services import ItemTerms
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_lesson, modules_of
from tests.factories.offers import OfferFactory, PublishedOfferFactory
from tests.kwiga.pages.buyers import counted, now_in, plan, set_on, submit


def shown_plans(page) -> list[str]:
    return [" ".join(found.split()) for found in re.findall(r"<h3>([^<]*)</h3>", page.text)]


@pytest.mark.spec("K23.1: three plans are shown in the set order with the right prices")
def test_plans_stand_in_the_schools_order(school, visitor):
    course = CourseFactory(school=school, title="English")
    plan(school, course, title="With tutor", position=3, price_minor=350_000)
    plan(school, course, title="Basic", position=1, price_minor=60_000, difference="Lessons\nNo checks")
    plan(school, course, title="Full", position=2, price_minor=120_000, is_highlighted=True)
    page = visitor(school).get(f"/courses/{course.token}/")
    assert shown_plans(page) == ["Basic", "Full", "With tutor"]
    prices = re.findall(r"<span>\s*UAH\N{NO-BREAK SPACE}([\d,]+)\s*</span>", page.text)
    assert prices == ["600", "1,200", "3,500"]
    assert "No checks" in page.text and page.text.count("Recommended") == 1


@pytest.mark.spec("K23.4: a sold-out plan is marked, the others sell")
def test_a_sold_out_plan_is_marked_and_the_others_sell(school, visitor):
    course = CourseFactory(school=school)
    full, free = plan(school, course, title="Full", seats=1), plan(school, course, title="Free seats", seats=5)
    set_on(full, seats_taken=1)
    client = visitor(school)
    page = client.get(f"/courses/{course.token}/")
    assert page.text.count("Sold out") == 1
    assert f'href="/o/{full.token}"' not in page.text and f'href="/o/{free.token}"' in page.text
    assert submit(client, full).status_code != 303
    assert submit(client, free).status_code == 303


def test_plans_nobody_should_see_are_left_out(school, visitor):
    course = CourseFactory(school=school)
    plan(school, course, title="Unlisted", is_listed=False)
    OfferFactory(school=school, title="Draft", items=(ItemTerms(course_id=course.pk),))
    over = plan(school, course, title="Over")
    set_on(over, sales_end_at=now_in(school) - timedelta(days=1))
    page = visitor(school).get(f"/courses/{course.token}/")
    assert shown_plans(page) == [] and "not on sale at the moment" in page.text


def test_the_outline_tells_free_open_and_locked_lessons(school, visitor):
    course = CourseFactory(school=school, modules=(2, 1))
    with school_scope(school):
        first, second = modules_of(course)
        make_lesson(second, title="Not yet public", is_draft=True)
        lessons = lessons_of(course)
    demo = (ItemTerms(course_id=course.pk, module_id=first.pk),)
    PublishedOfferFactory(school=school, title="Demo", price_minor=0, items=demo)
    page = visitor(school).get(f"/courses/{course.token}/")
    assert "Not yet public" not in page.text and "What you learn." not in page.text
    assert page.text.count("(locked)") == 1
    student = ContactFactory(school=school)
    give_access(student, lessons[2])
    theirs = student_browser(student).get(f"/courses/{course.token}/")
    assert theirs.text.count("(locked)") == 0
    assert f'href="/learn/{course.token}/{lessons[2].token}/"' in theirs.text and "Open the course" in theirs.text


def test_drafts_and_other_schools_courses_are_not_found(school, other_school, visitor):
    draft = CourseFactory(school=school, status="draft")
    theirs = CourseFactory(school=other_school)
    for course in (draft, theirs):
        assert visitor(school).get(f"/courses/{course.token}/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_course_takes_as_many_queries_for_three_plans_as_for_one(school, visitor, count, count_queries):
    course = CourseFactory(school=school, modules=(count,) * count)
    for _ in range(count):
        plan(school, course, price_minor=0)
    client = visitor(school)
    client.get(f"/courses/{course.token}/")
    with count_queries() as queries:
        page = client.get(f"/courses/{course.token}/")
    assert len(shown_plans(page)) == count
    with school_scope(school):
        assert Module.objects.count() == count
    assert len(counted(queries)) == 6, counted(queries)
