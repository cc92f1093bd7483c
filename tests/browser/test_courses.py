"""Courses in a real browser: hostile texts stay harmless, the outline is put in order, students learn."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page, expect

from courses.models import Course, Lesson
from courses.previews import preview_path
from courses.services.content import CourseTerms, change_course
from courses.services.outline import attach
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, make_lesson, modules_of
from tests.factories.files import text_upload
from tests.support.hostile import HOSTILE

WATCH = "window.hits = []; window.hacked = hit => window.hits.push(hit);"
ALL_OF_IT = "\n".join(HOSTILE)


@pytest.fixture
def course(school) -> Course:
    return CourseFactory(school=school, title="Painting")


@pytest.fixture
def student(school, course, site, context) -> Any:
    """A contact with the whole course, whose session the browser has."""
    contact = ContactFactory(school=school)
    give_access(contact, course)
    session = student_browser(contact).cookies["session"].value
    context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": site(school)}])
    return contact


def outline(school, course) -> list[str]:
    with school_scope(school):
        return [lesson.title for lesson in lessons_of(course)]


# --- Hostile texts (trust D1) ---


@pytest.mark.spec("D1: hostile text on pages with htmx: no script runs, nothing is asked for")
def test_hostile_text_runs_nothing_and_asks_for_nothing(
    root, site, school, course, student, owner, sign_in, page: Page
):
    """The texts lie in the database as they are, as if no rule had been there when they were saved."""
    with school_scope(school):
        Course.objects.update(description=ALL_OF_IT)
        Lesson.objects.update(body=ALL_OF_IT)
        lesson = lessons_of(course)[0]
        preview = preview_path(course)
    sign_in(owner)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(WATCH)
    addresses = [
        f"{root}/green/courses/{course.token}/",
        f"{root}/green/courses/{course.token}/edit/",
        f"{root}/green/courses/{course.token}/lessons/{lesson.token}/",
        f"{site(school)}/learn/{course.token}/{lesson.token}/",
        f"{site(school)}{preview}{lesson.token}/",
        f"{site(school)}/courses/{course.token}/",
    ]
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for shown in page.locator(".prose a, .prose p").all()[:12]:
            shown.hover(force=True)
        assert page.evaluate("window.hits") == [], address
    foreign = [url for url in asked if "/hacked" in url or not url.startswith((root, site(school), "data:"))]
    assert foreign == []


def test_htmx_would_have_asked_without_the_fence(root, page: Page):
    """The control: the same element asks outside the fence, and not inside."""
    page.route("**/hacked*", lambda route: route.fulfill(status=200, body=""))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "hacked" in request.url else None)
    page.goto(f"{root}/accounts/login/")
    add = """fence => {
      const place = document.createElement("div");
      if (fence) place.setAttribute(fence, "");
      place.innerHTML = '<div hx-get="/hacked" hx-trigger="load"></div><i data-hx-get="/hacked" hx-trigger="load"></i>';
      document.body.append(place);
      htmx.process(place);
    }"""
    page.evaluate(add, "hx-disable")
    page.wait_for_timeout(300)
    assert asked == []
    with page.expect_request("**/hacked*"):
        page.evaluate(add, "")


# --- The editor ---


def test_text_is_typed_in_the_editor_and_saved(root, school, owner, sign_in, page: Page):
    sign_in(owner)
    page.goto(f"{root}/green/courses/new/")
    page.get_by_label("Title", exact=True).fill("Painting")
    area = page.get_by_role("textbox", name="Description")
    area.click()
    page.keyboard.type("Plain and ")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type("bold")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator("h1")).to_have_text("Painting")
    with school_scope(school):
        assert Course.objects.get().description == "<p>Plain and <strong>bold</strong></p>"


def test_the_editor_speaks_the_language_of_the_reader_and_names_its_area(root, owner, sign_in, page: Page):
    sign_in(owner)
    page.goto(f"{root}/green/courses/new/")
    area = page.locator(".ProseMirror[contenteditable=true]").last
    expect(area).to_have_attribute("aria-labelledby", "id_description-label")
    expect(page.get_by_role("button", name="Bold", exact=True)).to_be_visible()
    labels = page.locator(".prose-menubar [title]").evaluate_all("all => all.map(one => one.title)")
    assert {"Bold", "Italic", "Bullet list", "Numbered list", "Quote", "Link", "Undo"} <= set(labels), labels
    assert [label for label in labels if label != label.capitalize()] == [], "words of the editor we have not named"


# --- The outline ---


@pytest.fixture
def course_page(root, course, owner, sign_in, page) -> Page:
    sign_in(owner)
    page.goto(f"{root}/green/courses/{course.token}/")
    return page


def test_a_lesson_is_moved_by_keys_and_keeps_the_focus(school, course, course_page: Page):
    down = course_page.get_by_role("button", name="Move “Lesson 1.1” down")
    down.focus()
    with course_page.expect_response("**/place/"):
        course_page.keyboard.press("Enter")
    expect(course_page.locator("[data-lesson] .row-link").first).to_have_text("Lesson 1.2")
    expect(down).to_be_focused()
    assert outline(school, course) == ["Lesson 1.2", "Lesson 1.1", "Lesson 2.1", "Lesson 2.2"]


def test_a_lesson_is_dragged_to_another_module(school, course, course_page: Page):
    grips = course_page.locator("[data-lesson] [data-grip]")
    with course_page.expect_response("**/place/"):
        grips.nth(0).drag_to(grips.nth(3))
    expect(course_page.locator("[data-lessons]").first.locator("[data-lesson]")).to_have_count(1)
    moved = outline(school, course)
    assert moved[0] == "Lesson 1.2" and moved.index("Lesson 1.1") >= 2


def test_a_module_is_dragged_above_another(school, course, course_page: Page):
    grips = course_page.locator(".module-head [data-grip]")
    with course_page.expect_response("**/place/"):
        grips.nth(1).drag_to(grips.nth(0), target_position={"x": 4, "y": 2})
    expect(course_page.locator(".module-head h2").first).to_have_text("Module 2")
    assert outline(school, course)[0] == "Lesson 2.1"


def test_everything_works_without_scripts(
    root, site, school, course, student, owner, sign_in, browser: Browser, context
):
    sign_in(owner)
    plain = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
    page = plain.new_page()
    page.goto(f"{root}/green/courses/{course.token}/")
    page.get_by_role("button", name="Move “Lesson 1.1” down").click()
    assert outline(school, course)[:2] == ["Lesson 1.2", "Lesson 1.1"]
    page.goto(f"{root}/green/courses/{course.token}/edit/")
    page.get_by_label("Description").fill("One\n\nTwo")
    page.get_by_role("button", name="Save").click()
    with school_scope(school):
        assert Course.objects.get().description == "<p>One</p>\n\n<p>Two</p>"

    page.goto(f"{site(school)}/learn/{course.token}/")
    page.get_by_role("link", name="Start").click()
    for _ in range(4):
        page.get_by_role("button", name="Mark as done").click()
        if page.get_by_role("link", name="Next").count():
            page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("completed everything")).to_be_visible()
    expect(page.get_by_text("4 of 4 lessons done")).to_be_visible()
    plain.close()


# --- The video ---


def test_a_video_plays_in_a_frame_that_the_policy_lets_in(site, school, course, student, page: Page):
    shown: list[str] = []

    def answer(route: Any) -> None:
        shown.append(route.request.url)
        route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>Player</title>")

    page.route("https://www.youtube-nocookie.com/**", answer)
    with school_scope(school):
        lesson = make_lesson(modules_of(course)[0], title="Film", video_url="https://youtu.be/dQw4w9WgXcQ")
    page.goto(f"{site(school)}/learn/{course.token}/{lesson.token}/")
    expect(page.frame_locator("iframe.video").locator("html")).to_be_attached()
    assert shown == ["https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"]
    assert "allow-top-navigation" not in str(page.locator("iframe.video").get_attribute("sandbox"))


def test_a_pasted_link_is_shown_at_once(root, owner, sign_in, course, school, page: Page):
    page.route("https://player.vimeo.com/**", lambda route: route.fulfill(content_type="text/html", body="<p>Player"))
    sign_in(owner)
    with school_scope(school):
        lesson = lessons_of(course)[0]
    page.goto(f"{root}/green/courses/{course.token}/lessons/{lesson.token}/")
    page.get_by_label("Video", exact=False).first.fill("https://vimeo.com/123456789")
    page.keyboard.press("Tab")
    expect(page.locator("iframe.video")).to_have_attribute("src", "https://player.vimeo.com/video/123456789")
    page.locator("#id_video_url").fill("https://example.test/page")
    page.keyboard.press("Tab")
    expect(page.locator("#video [role=status]")).to_be_visible()


# --- Everybody can use it ---


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_students(site, school, course, student, page: Page, theme: Any):
    with school_scope(school):
        change_course(course=course, terms=CourseTerms(title="Painting", summary="Colors"), actor=None)
        modules = modules_of(course)
        body = "<h2>Title</h2><p><a href='https://a.test/'>Link</a></p><blockquote><p>Quote</p></blockquote>"
        lesson = make_lesson(modules[0], title="Text", body=body)
        attach(lesson=lesson, upload=text_upload(), actor=None)
        assignment = make_assignment(modules[1], acceptance="staff")
        preview = preview_path(course)
    other = CourseFactory(school=school)
    page.emulate_media(color_scheme=theme)
    start = f"{site(school)}/learn/"
    paths = [course.token, f"{course.token}/{lesson.token}", f"{course.token}/{assignment.token}", other.token]
    for address in [*[f"{start}{path}/" for path in paths], f"{site(school)}{preview}"]:
        page.goto(address)
        page.evaluate("() => document.fonts.ready.then(() => true)")
        violations = Axe().run(page).response["violations"]
        assert [(found["id"], found["nodes"][0]["html"][:160]) for found in violations] == [], address
        assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
