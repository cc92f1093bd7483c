"""The article's part on the list of coupons: every column after one use, buttons, and what may be changed."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coupons.models import Coupon, CouponCode
from coupons.services.coupons import archive_coupon, end_coupon, pause_coupon
from kwiga import clock
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import sold_offer
from tests.support.coupons import pay, with_coupon

LIST = "/green/coupons/"
NAMES = (
    "Coupon code",
    "State",
    "Discount amount",
    "Assigned contact",
    "Contact list",
    "Total uses allowed",
    "Uses per user",
    "Used in offer",
    "Expiration date",
    "Comment",
    "Created by",
    "Creation date",
)


class _Table(HTMLParser):
    """The texts of each row's cells, under the headings of the table."""

    def __init__(self, page) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self.feed(page.text.partition('<form class="picks"')[2].partition("</table>")[0])

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append(" ".join(" ".join(self._cell).replace("\N{NO-BREAK SPACE}", " ").split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def lines_of(page) -> list[dict[str, str]]:
    head, *rows = _Table(page).rows
    names = [next((name for name in NAMES if cell.endswith(name)), cell) for cell in head]
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture
def listed(school, owner, staff):
    """The list after one use of SPRING, with a personal coupon and one for a group beside it."""
    owner.name = "Olena Owner"
    owner.save(update_fields=["name"])
    offer = sold_offer(school, title="Morning yoga", price_minor=120_000)
    person = ContactFactory(school=school, name="Olha Kovalenko")
    group = list_of(school, person, name="Graduates")
    client = staff(owner)
    said = {"size": "10", "unit": "percent", "audience": "everyone", "reach": "chosen", "offers": [offer.token]}
    client.post(f"{LIST}new/", said | {"code": "SPRING", "max_uses_per_contact": "1", "comment": "Posters"})
    CouponFactory(
        school=school, code="OLHA", kind="fixed", amount_minor=50_000, currency="UAH", audience="contact",
        contact_id=person.pk, max_uses=3, max_uses_per_contact=2, ends_at=clock.now().replace(year=2030),
    )  # fmt: skip
    CouponFactory(school=school, code="GRADS", audience="list", contact_list_id=group.pk)
    pay(with_coupon(offer))
    return client.get(LIST)


@pytest.mark.spec("P4.1: all columns are there and right after one use")
@pytest.mark.spec("SEED-K: For each coupon in the list, the following details are shown – each by itself")
def test_every_column_says_what_the_article_says(listed):
    grads, olha, spring = lines_of(listed)
    assert set(NAMES) <= set(spring)
    shown = {name: spring[name] for name in NAMES if name not in ("Coupon code", "Creation date")}
    assert shown == {
        "State": "Active",
        "Discount amount": "10%",
        "Assigned contact": "All users",
        "Contact list": "–",
        "Total uses allowed": "Unlimited",
        "Uses per user": "1",
        "Used in offer": "Morning yoga",
        "Expiration date": "No expiration",
        "Comment": "Posters",
        "Created by": "Olena Owner",
    }
    assert (olha["Discount amount"], olha["Total uses allowed"], olha["Uses per user"]) == ("UAH 500", "3", "2")
    assert "2030" in olha["Expiration date"] and olha["Contact list"] == "–"
    assert grads["Assigned contact"] == "–"


@pytest.mark.spec("SEED-K: “Used: 1,” meaning the coupon has been redeemed once at the viewing time")
def test_used_once_reads_used_1_below_the_code(listed):
    assert [re.sub(r"^Choose \S+ ", "", line["Coupon code"]) for line in lines_of(listed)] == [
        "GRADS Used: 0",
        "OLHA Used: 0",
        "SPRING Used: 1",
    ]


@pytest.mark.spec("SEED-K: Assigned contact – If the coupon is personal, the contact's name is displayed.")
def test_a_personal_coupon_shows_the_name_of_its_person(listed):
    assert [line["Assigned contact"] for line in lines_of(listed)][1] == "Olha Kovalenko"


@pytest.mark.spec("SEED-K: Contact List – Indicates whether the coupon has restrictions based on user groups.")
def test_a_coupon_for_a_group_shows_its_list(listed):
    assert [line["Contact list"] for line in lines_of(listed)] == ["Graduates", "–", "–"]


@pytest.mark.spec("SEED-K: Creation Date – The date the coupon was added to the platform.")
def test_the_day_it_was_made_is_shown(listed, school):
    with school_scope(school):
        made = {coupon.codes.get().code: coupon.created_at for coupon in Coupon.objects.all()}
    for line in lines_of(listed):
        assert f"{made['SPRING']:%Y}" in line["Creation date"] and f"{made['SPRING'].day}" in line["Creation date"]


@pytest.mark.spec("SEED-K: The Coupons section lists all created coupons; quickly check usage conditions and status")
def test_every_coupon_is_listed_with_its_state(school, owner, staff):
    now = clock.now()
    made = {
        "LIVE1": {},
        "LATER1": {"starts_at": now.replace(year=now.year + 1)},
        "DRAFT1": {"is_draft": True},
        "PAUSED1": {},
        "ENDED1": {},
        "GONE1": {},
    }
    coupons = {code: CouponFactory(school=school, code=code, **fields) for code, fields in made.items()}
    with school_scope(school):
        pause_coupon(coupon=coupons["PAUSED1"], actor=None)
        end_coupon(coupon=coupons["ENDED1"], actor=None)
        archive_coupon(coupon=coupons["GONE1"], actor=None)
    client = staff(owner)
    states = {
        line["Coupon code"].split()[1]: line["State"] for query in ("", "?state=archived")
        for line in lines_of(client.get(f"{LIST}{query}"))
    }  # fmt: skip
    assert states == {
        "LIVE1": "Active",
        "LATER1": "Scheduled",
        "DRAFT1": "Draft",
        "PAUSED1": "Paused",
        "ENDED1": "Ended",
        "GONE1": "Archived",
    }


@pytest.mark.spec("P4.5: cell by cell")
def test_the_export_holds_the_rows_and_values_of_the_list(listed, school, owner, staff):
    answer = staff(owner).get(f"{LIST}export/?raw=1")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    exported, shown = list(csv.DictReader(io.StringIO(text))), lines_of(listed)
    assert [row["code"] for row in exported] == [line["Coupon code"].split()[1] for line in shown]
    for row, line in zip(exported, shown, strict=True):
        assert f"Used: {row['used']}" in line["Coupon code"]
        assert row["state"].title() == line["State"]
        assert (row["comment"] or "–") == line["Comment"]
        assert (row["max_uses"] or "Unlimited") == line["Total uses allowed"]
        assert (row["max_uses_per_user"] or "Unlimited") == line["Uses per user"]
        assert (row["list"] or "–") == line["Contact list"]
        assert bool(row["ends_at"]) == (line["Expiration date"] != "No expiration")
    assert (exported[2]["size"], exported[2]["unit"], exported[2]["created_by"]) == ("10", "%", "Olena Owner")


@pytest.mark.spec("C30.3: filters combine")
def test_filters_of_the_list_combine(school, owner, staff):
    offer, person = sold_offer(school), ContactFactory(school=school)
    CouponFactory(school=school, code="ALPHA1", comment="posters")
    CouponFactory(school=school, code="ALPHA2", audience="contact", contact_id=person.pk)
    CouponFactory(school=school, code="ALPHA3", for_all_offers=False, offer_ids=(offer.pk,), is_draft=True)
    CouponFactory(school=school, code="BETA1", for_all_offers=False)
    with_coupon(offer, code="ALPHA1")
    client = staff(owner)

    def codes(query: str) -> set[str]:
        return {row.code for row in client.get(f"{LIST}{query}").context["rows"]}

    assert codes("?q=alpha") == {"ALPHA1", "ALPHA2", "ALPHA3"}
    assert codes("?q=alpha&state=active") == {"ALPHA1", "ALPHA2"}
    assert codes("?q=alpha&state=active&use=used") == {"ALPHA1"}
    assert codes("?q=alpha&audience=contact&use=unused") == {"ALPHA2"}
    assert codes(f"?offer={offer.token}") == {"ALPHA1", "ALPHA2", "ALPHA3"}
    assert codes(f"?offer={offer.token}&state=draft&q=alpha") == {"ALPHA3"}
    assert codes("?q=beta&use=used") == set()


@pytest.mark.spec("P4.4: of 10,000 coupons the list reads a page")
def test_ten_thousand_coupons_cost_the_list_no_more_than_ten(school, owner, staff):
    CouponFactory(school=school, code="FIRST1")
    client = staff(owner)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    fill(school, 10_000)
    with CaptureQueriesContext(connection) as many:
        page = client.get(LIST)
    assert len(many) == len(few)
    assert 0 < len(page.context["rows"]) <= 100
    duration = sum(float(query["time"]) for query in many.captured_queries)
    assert duration < 1.0, "seconds in the database"


def fill(school, count: int) -> None:
    """Rows as an import of that size leaves them."""
    with school_scope(school):
        rows = [
            Coupon(school_id=school.pk, kind="percent", percent_bp=1_000, made_by="Import a.csv") for _ in range(count)
        ]
        made = Coupon.objects.bulk_create(rows, batch_size=2_000)
        codes = [CouponCode(school_id=school.pk, coupon=row, code=f"M{row.pk}", code_key=f"M{row.pk}") for row in made]
        CouponCode.objects.bulk_create(codes, batch_size=2_000)
        # Keys are looked at when the test ends, by plans that were made while the tables were empty.
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS")
