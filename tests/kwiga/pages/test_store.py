"""The store of a school: what it shows, to whom, and how it is looked through."""

import re
from datetime import timedelta

import pytest

from kwiga import clock
from offers.models import Offer, OfferItem
from offers.services import ItemTerms
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory, give_access
from tests.factories.offers import OfferFactory, PublishedOfferFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import counted, now_in, plan, set_on


def titles(page) -> list[str]:
    return [" ".join(found.split()) for found in re.findall(r"<h2>\s*<a[^>]*>([^<]*)</a>", page.text)]


def many(school: School, count: int) -> None:
    """Offers that open a course each, written down directly."""
    with school_scope(school):
        course = CourseFactory(school=school, modules=())
        offers = Offer.objects.bulk_create(
            Offer(school=school, title=f"Offer {n:03}", summary="x" * 200, price_minor=n, currency="UAH",
                  status="published", category=f"Category {n % 7}")
            for n in range(count)
        )  # fmt: skip
        OfferItem.objects.bulk_create(OfferItem(school=school, offer=offer, course=course) for offer in offers[1:2])


@pytest.mark.spec("K36.1: unlisted and draft offers are never shown, in search and sitemap neither")
def test_only_what_is_listed_and_published_is_found(school, visitor):
    sold_offer(school, title="On sale")
    sold_offer(school, title="By link on sale", is_listed=False)
    OfferFactory(school=school, title="Draft on sale")
    over = sold_offer(school, title="Over on sale")
    set_on(over, sales_end_at=now_in(school) - timedelta(days=1))
    client = visitor(school)
    assert titles(client.get("/")) == ["On sale"]
    assert titles(client.get("/?q=sale")) == ["On sale"]
    hidden = client.get("/sitemap.xml").text
    with school_scope(school):
        shown = [offer.title for offer in Offer.objects.all() if f"/o/{offer.token}<" in hidden]
    assert shown == ["On sale"]


@pytest.mark.spec("K36.2: who owns the course sees Open")
def test_what_one_owns_is_opened_instead_of_bought(school, visitor):
    course = CourseFactory(school=school)
    plan(school, course, title="Mine")
    sold_offer(school, title="Not mine")
    student = ContactFactory(school=school)
    give_access(student, course)
    page = student_browser(student).get("/")
    assert f'href="/learn/{course.token}/"' in page.text and page.text.count("Yours") == 1
    assert "/learn/" not in visitor(school).get("/").text


@pytest.mark.spec("K36.3: one school's store has nothing of another's")
def test_a_store_shows_its_own_school_alone(school, other_school, visitor):
    sold_offer(school, title="Ours")
    sold_offer(other_school, title="Next door")
    for address in ("/", "/?q=next", "/sitemap.xml"):
        assert "Next door" not in visitor(school).get(address).text
    assert titles(visitor(other_school).get("/")) == ["Next door"]


@pytest.mark.spec("K36.4: the end of a promo changes the price on the card")
def test_the_card_shows_the_price_of_the_moment(school, visitor):
    ends = now_in(school) + timedelta(hours=1)
    sold_offer(school, price_minor=120_000, promo_price_minor=90_000, promo_ends_at=ends)
    client = visitor(school)
    with clock.at(ends - timedelta(seconds=1)):
        before = client.get("/").text
    with clock.at(ends):
        after = client.get("/").text
    assert "UAH\N{NO-BREAK SPACE}900" in before and "<s>" in before
    assert "UAH\N{NO-BREAK SPACE}900" not in after and "<s>" not in after
    assert "UAH\N{NO-BREAK SPACE}1,200" in after


@pytest.mark.spec("K36.5: works without scripts; 500 products page quickly")
def test_five_hundred_offers_are_paged_quickly(school, visitor, count_queries):
    many(school, 500)
    client = visitor(school)
    client.get("/")
    with count_queries() as queries:
        page = client.get("/")
    assert len(titles(page)) == 24 and "Page 1 of 21" in page.text
    assert len(counted(queries)) <= 6, counted(queries)
    seen: list[str] = []
    for number in range(1, 22):
        seen += titles(client.get(f"/?page={number}"))
    assert len(seen) == len(set(seen)) == 500
    assert titles(client.get("/?page=99")) == titles(client.get("/?page=21"))
    assert titles(client.get("/?page=-3")) == titles(client.get("/?page=x")) == titles(page)


@pytest.mark.parametrize("count", [1, 3])
def test_a_store_takes_as_many_queries_for_three_courses_as_for_one(school, count, count_queries):
    student = ContactFactory(school=school)
    for _ in range(count):
        course = CourseFactory(school=school)
        plan(school, course)
        plan(school, course)
        give_access(student, course)
    client = student_browser(student)
    client.get("/")
    with count_queries() as queries:
        page = client.get("/")
    assert len(titles(page)) == count
    assert len(counted(queries)) == 6, counted(queries)


def test_plans_of_a_course_are_one_card_with_the_lowest_price(school, visitor):
    course = CourseFactory(school=school, title="English", summary="Of the course")
    plan(school, course, title="Full", price_minor=300_000)
    plan(school, course, title="Basic", price_minor=60_000)
    plan(school, course, title="Taste", price_minor=0)
    page = visitor(school).get("/")
    assert titles(page) == ["English"] and "Of the course" in page.text
    assert ">from<" in page.text and "UAH\N{NO-BREAK SPACE}600" in page.text and "Try it free" in page.text
    assert f'href="/courses/{course.token}/"' in page.text


def test_a_bundle_and_an_unpublished_course_have_cards_of_their_own(school, visitor):
    first, second = CourseFactory(school=school), CourseFactory(school=school, status="draft")
    plan(school, first, title="Alone")
    both = (ItemTerms(course_id=first.pk), ItemTerms(course_id=second.pk))
    bundle = PublishedOfferFactory(school=school, title="Both", items=both)
    soon = plan(school, second, title="Coming course")
    page = visitor(school).get("/")
    assert titles(page) == ["Coming course", "Both", "Alone"]
    assert all(f'href="/o/{offer.token}"' in page.text for offer in (bundle, soon))
    assert second.title not in page.text.replace("Coming course", "")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("українськ", ["Граматика"]),
        ("ГРАМАТИКА", ["Граматика"]),
        ("excel table", ["Excel"]),
        ("excel nothing", []),
        ("software", ["Excel"]),
        ("%", []),
    ],
)
def test_search_finds_words_of_any_script_in_any_case(school, visitor, typed, found):
    sold_offer(school, title="Граматика", summary="Курс української")
    sold_offer(school, title="Excel", summary="From the first table", category="Software")
    page = visitor(school).get("/", {"q": typed})
    assert titles(page) == found
    assert found or "Nothing found" in page.text


def test_categories_narrow_the_store(school, visitor):
    sold_offer(school, title="English", category="Languages")
    sold_offer(school, title="Excel", category="Software & <more>")
    client = visitor(school)
    page = client.get("/", {"category": "Software & <more>", "q": ""})
    assert titles(page) == ["Excel"] and 'aria-current="page"' in page.text and "<more>" not in page.text
    assert titles(client.get("/?category=Languages")) == ["English"]
    assert titles(client.get("/?category=None")) == []


def test_the_school_can_name_its_store_and_close_it(school, visitor):
    offer = sold_offer(school, title="Still sold by link")
    set_on(school, store_title="Our <b>courses</b>", store_text="Come in")
    page = visitor(school).get("/")
    assert "Our &lt;b&gt;courses" in page.text and "Come in" in page.text
    set_on(school, store_is_open=False)
    client = visitor(school)
    closed = client.get("/")
    assert closed.status_code == 200 and "The store is closed" in closed.text and "Still sold" not in closed.text
    assert offer.token not in client.get("/sitemap.xml").text
    assert client.get(f"/o/{offer.token}").status_code == 200


def test_an_empty_store_says_so(school, visitor):
    assert "Nothing is on sale yet" in visitor(school).get("/").text


def test_states_are_marked_on_cards(school, visitor):
    set_on(sold_offer(school), seats=1, seats_taken=1)
    set_on(sold_offer(school), sales_start_at=now_in(school).replace(year=2031, month=3, day=5))
    text = visitor(school).get("/").text
    assert "Sold out" in text and "From Mar 5, 2031" in text


def test_what_the_link_carries_goes_on_to_the_offers(school, visitor):
    offer = sold_offer(school)
    page = visitor(school).get("/?coupon=SPRING&utm_source=mail&q=&other=1")
    assert f'href="/o/{offer.token}?coupon=SPRING&amp;utm_source=mail"' in page.text


def test_the_sitemap_lists_what_is_public_with_whole_addresses(school, visitor):
    course = CourseFactory(school=school)
    lonely = CourseFactory(school=school)
    plan(school, course)
    answer = visitor(school).get("/sitemap.xml")
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert f"://green.localhost:8000/courses/{course.token}/</loc>" in re.sub(r":\d+/", ":8000/", answer.text)
    assert lonely.token not in answer.text
    robots = visitor(school).get("/robots.txt")
    assert "Disallow: /pay/" in robots.text and "/sitemap.xml" in robots.text
