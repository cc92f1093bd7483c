"""The article's part on making a coupon, each sentence through the pages of the team and of the store."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest

from coupons.models import Coupon
from kwiga import clock
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import sold_offer
from tests.factories.schools import MemberFactory
from tests.kwiga.pages.buyers import address_of, fields_of, now_in, orders_of, submit
from tests.support.coupons import with_coupon

TYPED = {
    "code": "SPRING",
    "size": "10",
    "unit": "percent",
    "audience": "everyone",
    "reach": "all",
    "max_uses_per_contact": "1",
    "save": "live",
}
MAKE = "/green/coupons/new/"


def plain(page) -> str:
    return " ".join(page.text.replace("\N{NO-BREAK SPACE}", " ").split())


def the_coupon(school) -> Coupon:
    with school_scope(school):
        return Coupon.objects.select_related("contact", "contact_list").get()


class _Choices(HTMLParser):
    """The values of a named <select>, and the names of all controls in their order."""

    def __init__(self, page) -> None:
        super().__init__()
        self.names: list[str] = []
        self.values: list[str] = []
        self.texts: list[str] = []
        self._inside = self._option = False
        self.feed(page.text.partition('<form id="coupon-form"')[2].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("input", "select", "textarea"):
            self.names.append(found.get("name") or "")
            self._inside = tag == "select" and found.get("name") == "unit"
        self._option = tag == "option" and self._inside
        if self._option:
            self.values.append(found.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._option and data.strip():
            self.texts.append(data.strip())


@pytest.mark.spec("SEED-K: Coupon Name – This is the code customers enter to receive a discount.")
def test_the_name_of_the_form_is_what_a_customer_enters(school, owner, staff, visitor):
    offer = sold_offer(school, price_minor=120_000)
    assert "This is the code customers enter." in staff(owner).get(MAKE).text
    staff(owner).post(MAKE, TYPED | {"code": "Black Friday"})
    customer = visitor(school)
    entered = fields_of(customer.get(address_of(offer))) | {"coupon": "black friday", "apply": "1"}
    page = customer.post(address_of(offer), entered)
    assert "Black Friday applied: −10%" in plain(page) and fields_of(page)["shown_total"] == "108000"


@pytest.mark.spec("SEED-K: in the first field, and select the appropriate option from the dropdown menu")
def test_the_size_is_typed_first_and_its_unit_chosen_from_a_dropdown(school, owner, staff):
    found = _Choices(staff(owner).get(MAKE))
    place = found.names.index("size")
    assert found.names[place + 1] == "unit"
    assert found.values[0] == "percent" and found.texts[0] == "%"
    assert {"UAH", "USD", "EUR", "PLN", "JPY"} <= set(found.values)


@pytest.mark.spec("SEED-K: Set the coupon's active period, from the present moment until the date")
def test_it_counts_from_the_moment_it_is_made_until_its_date(school, owner, staff, visitor):
    offer, now = sold_offer(school, price_minor=120_000), now_in(school)
    last_day = now + timedelta(days=3)
    staff(owner).post(MAKE, TYPED | {"ends_at_day": f"{last_day:%Y-%m-%d}"})
    end = the_coupon(school).ends_at
    assert now + timedelta(days=2) < end <= now + timedelta(days=5)
    for instant, total in ((now, "108000"), (end - timedelta(seconds=1), "108000"), (end, "120000")):
        with clock.at(instant):
            page = visitor(school).get(address_of(offer, "?coupon=SPRING"))
            assert fields_of(page)["shown_total"] == total, instant


@pytest.mark.spec("SEED-K: Define how often customers can use this coupon – at the checkout")
def test_all_customers_together_use_it_as_often_as_the_form_says(school, owner, staff, visitor):
    offer = sold_offer(school, price_minor=120_000)
    staff(owner).post(MAKE, TYPED | {"max_uses": "2"})
    for name in ("first", "second"):
        assert submit(visitor(school), offer, "?coupon=SPRING", email=f"{name}@example.test").status_code == 303
    page = visitor(school).get(address_of(offer, "?coupon=SPRING"))
    assert "This code has been used as often as it could be." in plain(page)
    assert submit(visitor(school), offer, "?coupon=SPRING", email="third@example.test").status_code == 303
    assert [order.total_minor for order in orders_of(school)] == [108_000, 108_000, 120_000]


@pytest.mark.spec("SEED-K: Specify how often each customer can use the discount – at the checkout")
def test_each_customer_uses_it_as_often_as_the_form_says(school, owner, staff):
    offer = sold_offer(school, price_minor=120_000)
    staff(owner).post(MAKE, TYPED | {"max_uses_per_contact": "2"})
    contact = ContactFactory(school=school, email="buyer@example.test")
    for _time in range(2):
        with_coupon(offer, contact=contact)
    with school_scope(school):
        assert Coupon.objects.get().redemptions.filter(state="held", contact=contact).count() == 2
    other = with_coupon(offer, email="other@example.test")
    assert other.discount_minor == 12_000


@pytest.mark.spec("SEED-K: For all users — The coupon is available to any customer who knows it.")
def test_whoever_knows_the_code_uses_it(school, owner, staff, visitor, student):
    offer = sold_offer(school, price_minor=120_000)
    staff(owner).post(MAKE, TYPED | {"audience": "everyone", "max_uses_per_contact": ""})
    known = student(ContactFactory(school=school))
    for client in (visitor(school), known):
        page = client.get(address_of(offer, "?coupon=SPRING"))
        assert fields_of(page)["shown_total"] == "108000"


@pytest.mark.spec("SEED-K: The coupon will only work for one selected user (a personal coupon) – at the checkout")
def test_a_personal_coupon_works_for_its_person_alone(school, owner, staff, student):
    offer = sold_offer(school, price_minor=120_000)
    olha, ivan = (ContactFactory(school=school, email=f"{name}@example.test") for name in ("olha", "ivan"))
    staff(owner).post(MAKE, TYPED | {"audience": "contact", "contact": "olha@example.test"})
    for contact, total in ((olha, "108000"), (ivan, "120000")):
        page = student(contact).get(address_of(offer, "?coupon=SPRING"))
        assert fields_of(page)["shown_total"] == total, contact.email


@pytest.mark.spec("SEED-K: Assign to a User Group – valid only for specific customers on a designated list")
def test_a_coupon_for_a_group_works_for_those_on_the_list(school, owner, staff, student, visitor):
    offer = sold_offer(school, price_minor=120_000)
    member, outsider = ContactFactory(school=school), ContactFactory(school=school)
    group = list_of(school, name="Bought one course")
    client = staff(owner)
    assert "Bought one course" in client.get(MAKE).text
    client.post(MAKE, TYPED | {"audience": "list", "contact_list": group.token})
    # "The list can be created manually": people are put on it by hand, and the coupon follows at once.
    client.post(f"/green/contacts/lists/{group.token}/people/", {"contact": [member.token]})
    totals = [
        fields_of(each.get(address_of(offer, "?coupon=SPRING")))["shown_total"]
        for each in (student(member), student(outsider), visitor(school))
    ]
    assert totals == ["108000", "120000", "120000"]


@pytest.mark.spec("SEED-K: configure their usage in specific offers")
def test_a_coupon_counts_in_the_offers_that_were_chosen(school, owner, staff, visitor):
    chosen, other = (sold_offer(school, price_minor=120_000) for _offer in range(2))
    staff(owner).post(MAKE, TYPED | {"reach": "chosen", "offers": [chosen.token]})
    totals = [
        fields_of(visitor(school).get(address_of(offer, "?coupon=SPRING")))["shown_total"] for offer in (chosen, other)
    ]
    assert totals == ["108000", "120000"]


@pytest.mark.spec("SEED-K: Comment — an internal note for you and your team. Customers do not see this comment.")
@pytest.mark.spec("P4.3: in no page, mail or address that a buyer gets")
def test_no_customer_sees_the_comment(school, owner, staff, student):
    note = "Only for the posters in Lviv"
    offer = sold_offer(school, price_minor=30_000)
    staff(owner).post(MAKE, TYPED | {"size": "100", "comment": note})
    assert note in staff(owner).get(f"/green/coupons/{the_coupon(school).token}/").text
    client = student(ContactFactory(school=school))
    quote = client.post(f"/o/{offer.token}/quote/", {"coupon": "SPRING", "apply": "1"}, headers={"HX-Request": "true"})
    done = submit(client, offer, "?coupon=SPRING")
    number = orders_of(school)[0].number
    pages = [client.get(each) for each in ("/?coupon=SPRING", address_of(offer, "?coupon=SPRING"), "/me/orders/")]
    pages += [quote, client.get(done.headers["Location"]), client.get(f"/me/orders/{number}/")]
    for page in pages:
        assert page.status_code == 200 and "posters" not in page.text
    assert "SPRING" in pages[-1].text
    assert not any("posters" in f"{key}{value}" for page in [*pages, done] for key, value in page.headers.items())


@pytest.mark.spec("SEED-K: Comments are visible only to administrators")
@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("support", 200), ("teacher", 403), ("finance", 403)])
def test_who_may_not_see_coupons_sees_no_comment(school, staff, role, status):
    coupon = CouponFactory(school=school, code="SPRING", comment="Only for the posters in Lviv")
    client = staff(MemberFactory(school=school, role=role).user)
    for address in ("/green/coupons/", f"/green/coupons/{coupon.token}/", "/green/coupons/export/"):
        page = client.get(address)
        text = b"".join(page.streaming_content).decode() if page.streaming else page.text
        assert (page.status_code, "posters in Lviv" in text) == (status, status == 200), address


CHANGES = {
    "code": "SUMMER",
    "size": "25",
    "unit": "UAH",
    "ends_at_day": "2030-12-31",
    "max_uses": "50",
    "max_uses_per_contact": "3",
    "audience": "contact",
    "contact": "olha@example.test",
    "reach": "chosen",
    "minimum": "100",
    "comment": "Another note",
}


@pytest.mark.spec("SEED-K: When editing a coupon, all settings can be changed")
def test_every_setting_of_an_unused_coupon_can_be_changed(school, owner, staff):
    person = ContactFactory(school=school, email="olha@example.test")
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING")
    client = staff(owner)
    page = client.get(f"/green/coupons/{coupon.token}/edit/")
    assert not any(field.disabled for field in page.context["form"].fields.values())
    sent = client.post(f"/green/coupons/{coupon.token}/edit/", CHANGES | {"offers": [offer.token]})
    assert sent.status_code == 302, sent.context["form"].errors
    after = the_coupon(school)
    assert (after.kind, after.percent_bp, after.amount_minor, after.currency) == ("fixed", None, 2_500, "UAH")
    assert (after.minimum_minor, after.max_uses, after.max_uses_per_contact) == (10_000, 50, 3)
    assert (after.audience, after.contact, after.comment) == ("contact", person, "Another note")
    assert after.ends_at.year >= 2030 and not after.for_all_offers
    with school_scope(school):
        assert [code.code for code in after.codes.all()] == ["SUMMER"]
        assert [link.offer for link in after.coupon_offers.select_related("offer")] == [offer]


@pytest.mark.spec("SEED-K: linked to offers both during their creation and while editing them – from the offer's side")
def test_an_offer_that_is_being_made_already_takes_its_coupons(school, owner, staff, visitor):
    offer = sold_offer(school, price_minor=120_000)
    chosen = CouponFactory(school=school, code="CHOSEN", for_all_offers=False)
    with school_scope(school):
        type(offer).objects.filter(pk=offer.pk).update(status="draft")
    client = staff(owner)
    form = client.get(f"/green/offers/{offer.token}/edit/").text
    assert f'href="/green/offers/{offer.token}/coupons/"' in form
    client.post(f"/green/offers/{offer.token}/coupons/", {"shown": [chosen.token], "coupon": [chosen.token]})
    with school_scope(school):
        type(offer).objects.filter(pk=offer.pk).update(status="published")
    page = visitor(school).get(address_of(offer, "?coupon=CHOSEN"))
    assert fields_of(page)["shown_total"] == "108000"
