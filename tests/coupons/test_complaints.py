"""What people complain about in other stores' coupons, each tried here: Q02, Q05, Q06, Q09 to Q14."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from coupons.models import Coupon
from coupons.pricing import Discount, Line, price
from kwiga.local.paths import ROOT
from orders.errors import CouponRefused
from orders.models import Order
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import address_of, fields_of, orders_of, submit
from tests.support.coupons import pay, uses, with_coupon
from tests.support.students import code_mailed

DAY = timedelta(days=1)
GOOD = {
    "code": "SPRING",
    "size": "10",
    "unit": "percent",
    "audience": "everyone",
    "reach": "all",
    "max_uses_per_contact": "1",
    "save": "live",
}


@pytest.fixture
def offer(school):
    return sold_offer(school, price_minor=120_000)


# --- Once per person (Q02) ---


@pytest.mark.spec("Q02: guest or signed in, in any spelling, one person is one; told before the payment step")
def test_the_limit_of_a_person_is_dodged_by_no_spelling_and_no_door(school, visitor, offer):
    CouponFactory(school=school, code="SPRING")
    pay(with_coupon(offer, email="anna@example.test"))
    anna = ContactFactory._meta.model
    with school_scope(school):
        known = anna.objects.get(email="anna@example.test")
    used = "This code can be used once per person, and you have used it."
    assert used in student_browser(known).get(address_of(offer, "?coupon=SPRING")).text
    for typed in ("anna@example.test", " ANNA@Example.Test ", "Anna@EXAMPLE.test"):
        page = submit(visitor(school), offer, "?coupon=SPRING", email=typed)
        assert page.status_code == 200 and used in page.text and fields_of(page)["shown_total"] == "120000", typed
    assert [order.discount_minor for order in orders_of(school)] == [12_000]


@pytest.mark.spec("Q02: an address with a tag is another person, as the documents say")
def test_an_address_with_a_tag_is_somebody_else(school, offer):
    coupon = CouponFactory(school=school, code="SPRING")
    for email in ("anna@example.test", "anna+2@example.test"):
        pay(with_coupon(offer, email=email))
    assert uses(coupon)[1] == ["confirmed", "confirmed"]
    assert "`name+tag@`" in (ROOT / "docs/trust.md").read_text()


# --- Days and times (Q05, Q06) ---


class Untouched(HTMLParser):
    """What a browser sends of the coupon's form when nobody touched it."""

    def __init__(self, page) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._name = ""
        self.feed(page.text.partition('<form id="coupon-form"')[2].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        ticked = found.get("type") not in ("radio", "checkbox") or "checked" in found
        if tag == "input" and ticked and found.get("name"):
            self.sent[found["name"]] = found.get("value", "")
        if tag in ("select", "textarea"):
            self._name = found.get("name", "")
        if tag == "option" and "selected" in found:
            self.sent[self._name] = found["value"]


@pytest.mark.spec("Q05: the whole of the last day counts, and saving again moves no date")
@pytest.mark.parametrize("zone", ["Europe/Kyiv", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_saving_again_moves_no_date(school, owner, staff, zone):
    school.time_zone = zone
    school.save(update_fields=["time_zone"])
    client = staff(owner)
    client.post("/green/coupons/new/", GOOD | {"ends_at_day": "2030-12-31"})
    with school_scope(school):
        coupon = Coupon.objects.get()
    local_midnight = {"Europe/Kyiv": 22, "America/Los_Angeles": 32, "Pacific/Kiritimati": 10}[zone]
    assert coupon.ends_at == datetime(2030, 12, 31, tzinfo=UTC) + timedelta(hours=local_midnight)
    address = f"/green/coupons/{coupon.token}/edit/"
    for _time in range(3):
        sent = Untouched(client.get(address)).sent
        assert sent["ends_at_day"] == "2030-12-31"
        assert client.post(address, sent | {"comment": "Another note"}).status_code == 302
        with school_scope(school):
            assert Coupon.objects.get().ends_at == coupon.ends_at


@pytest.mark.spec("Q06: a start and an end have a time of day")
@pytest.mark.spec("C05.2: the zone of the project counts, not of the browser")
@pytest.mark.parametrize(("zone", "hour"), [("Europe/Kyiv", 6), ("America/Los_Angeles", 16)])
def test_a_coupon_runs_from_ten_past_nine_to_half_past_ten(school, owner, staff, zone, hour):
    school.time_zone = zone
    school.save(update_fields=["time_zone"])
    times = {"starts_at_day": "2030-06-01", "starts_at_time": "09:10", "ends_at_day": "2030-06-01"}
    staff(owner).post("/green/coupons/new/", GOOD | times | {"ends_at_time": "10:30"})
    with school_scope(school):
        coupon = Coupon.objects.get()
    assert coupon.ends_at - coupon.starts_at == timedelta(hours=1, minutes=20)
    assert coupon.starts_at == datetime(2030, 6, 1, hour, 10, tzinfo=UTC)


# --- Never below nothing (Q09) ---

sizes = st.one_of(
    st.builds(Discount, key=st.just("d"), kind=st.just("percent"), percent_bp=st.integers(100, 10_000)),
    st.builds(
        Discount, key=st.just("d"), kind=st.just("fixed"), amount_minor=st.integers(1, 10**12), currency=st.just("UAH")
    ),
)


@pytest.mark.spec("Q09: whatever is piled up, no line and no total falls below nothing")
@settings(max_examples=300)
@given(
    units=st.lists(st.integers(0, 10**10), min_size=1, max_size=6), discounts=st.lists(sizes, min_size=1, max_size=6)
)
def test_no_pile_of_discounts_goes_below_nothing(units, discounts):
    lines = [Line(key=str(place), unit_minor=unit, offer_id=place) for place, unit in enumerate(units)]
    piled = [
        Discount(**{**vars_of(discount), "key": str(place), "group": str(place), "rank": place})
        for place, discount in enumerate(discounts)
    ]
    priced = price(lines, piled, "UAH")
    assert 0 <= priced.total_minor <= priced.subtotal_minor
    assert all(0 <= line.total_minor <= line.price_minor for line in priced.lines)


def vars_of(discount: Discount) -> dict[str, object]:
    return {name: getattr(discount, name) for name in Discount.__dataclass_fields__}


@pytest.mark.spec("Q09: the database takes no order below nothing either")
@pytest.mark.parametrize("wanted", ["total_minor = -1", "discount_minor = subtotal_minor + 1", "discount_minor = -1"])
def test_the_database_takes_no_total_below_nothing(school, offer, wanted):
    order = placed_plainly(offer)
    with school_scope(school), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_order SET {wanted} WHERE id = %s", [order.pk])


def placed_plainly(offer) -> Order:
    CouponFactory(school=offer.school, code="SPRING")
    return with_coupon(offer)


# --- Guessing (Q10) ---


@pytest.mark.spec("Q10: wrong codes are answered alike, tried ten times, and then wait")
def test_guesses_are_answered_alike_and_then_wait(school, visitor, offer):
    stranger = ContactFactory(school=school)
    CouponFactory(school=school, code="REAL1")
    CouponFactory(school=school, code="HERS1", audience="contact", contact_id=stranger.pk)
    client, told = visitor(school), []
    for code in ["WRONG", "HERS1"] * 5 + ["REAL1"]:
        page = client.post(f"/o/{offer.token}/quote/", {"coupon": code}, headers={"HX-Request": "true"})
        told.append((page.status_code, "not valid here" in page.text, "Too many wrong codes" in page.text))
    assert told == [(200, True, False)] * 10 + [(200, False, True)]


# --- What people ask for (Q11 to Q14) ---


@pytest.mark.spec("Q11: percent or sum, chosen courses, an end, limits, a link with the code, the code on the order")
def test_the_code_and_what_it_gave_stand_on_the_order(school, owner, staff, visitor, offer):
    terms = GOOD | {"size": "200", "unit": "UAH", "max_uses": "5", "ends_at_day": "2030-12-31", "reach": "chosen"}
    staff(owner).post("/green/coupons/new/", terms | {"offers": [offer.token]})
    assert submit(visitor(school), offer, "?coupon=spring").status_code == 303
    (order,) = orders_of(school)
    pay(order)
    assert (order.discount_minor, order.total_minor) == (20_000, 100_000)
    page = " ".join(staff(owner).get(f"/green/orders/{order.number}/").text.replace("\N{NO-BREAK SPACE}", " ").split())
    assert "Discount with SPRING" in page and "−UAH 200" in page and "UAH 1,000" in page


@pytest.mark.spec("Q12: a link with a code keeps it through signing in")
@pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"])
def test_the_code_is_there_after_signing_in(school, visitor, offer):
    friend = ContactFactory(school=school, email="friend@example.test")
    CouponFactory(school=school, code="FOR-FRIEND", audience="contact", contact_id=friend.pk)
    client = visitor(school)
    page = client.get(address_of(offer, "?coupon=FOR-FRIEND"))
    door = page.text.partition('href="/sign-in/?next=')[2].partition('"')[0]
    assert 'name="next"' in client.get(f"/sign-in/?next={door}").text
    sent = client.post("/sign-in/", {"email": friend.email, "next": unquote(door)})
    back = client.post(sent.headers["Location"], {"code": code_mailed()})
    assert back.headers["Location"] == address_of(offer, "?coupon=FOR-FRIEND")
    assert fields_of(client.get(back.headers["Location"]))["shown_total"] == "108000"


@pytest.mark.spec("Q13: a discount for certain people or a group follows who is signed in, by the link alone")
def test_a_link_sent_to_a_group_lowers_the_price_for_its_members(school, visitor, offer):
    member, other = ContactFactory(school=school), ContactFactory(school=school)
    group = list_of(school, member)
    CouponFactory(school=school, code="GRADS", audience="list", contact_list_id=group.pk)
    totals = [
        fields_of(student_browser(person).get(address_of(offer, "?coupon=GRADS")))["shown_total"]
        for person in (member, other)
    ]
    assert totals == ["108000", "120000"]


@pytest.mark.spec("Q14: given codes are uploaded, each is used once, and the page of each tells by whom")
@pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"])
def test_uploaded_codes_are_used_once_each_with_a_log(school, owner, staff, offer):
    text = "code,size,unit,max_uses\nGIVEN-1,10,%,1\nGIVEN-2,10,%,1\n"
    client = staff(owner)
    file = SimpleUploadedFile("codes.csv", text.encode(), content_type="text/csv")
    start = client.post("/green/coupons/import/", {"file": file}).headers["Location"]
    client.post(f"{start}start/")
    drain()
    order = with_coupon(offer, code="GIVEN-1", email="anna@example.test")
    pay(order)
    with pytest.raises(CouponRefused):
        with_coupon(offer, code="GIVEN-1", email="ivan@example.test")
    assert with_coupon(offer, code="GIVEN-2", email="ivan@example.test").discount_minor == 12_000
    with school_scope(school):
        given = Coupon.objects.get(codes__code="GIVEN-1")
    page = client.get(f"/green/coupons/{given.token}/").text
    assert "anna@example.test" in page and order.number in page and "ivan@example.test" not in page
