"""The answer to a code: applied by hand, taken off, or refused with a reason (K19, C2)."""

import re
from datetime import timedelta

import pytest

from coupons.models import CouponCode
from coupons.services.coupons import archive_coupon, end_coupon, pause_coupon
from kwiga import clock
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import LESS, WHO, address_of, fields_of, now_in, orders_of, plain, submit, total_of

NOT_VALID = "This code is not valid here"
HTMX = {"HX-Request": "true"}


# --- By hand ---


def test_a_code_is_applied_replaced_and_removed_without_scripts(school, visitor, offer, spring):
    CouponFactory(school=school, code="HALF", percent_bp=5_000)
    client = visitor(school)
    said = fields_of(client.get(address_of(offer))) | {"email": "me@example.test", "name": "Me"}
    applied = client.post(address_of(offer), said | {"coupon": "spring", "apply": "1"})
    assert "SPRING applied" in plain(applied) and fields_of(applied)["email"] == "me@example.test"
    removed = client.post(address_of(offer), fields_of(applied) | {"remove": "1"})
    assert total_of(removed) == "120000" and fields_of(removed)["coupon"] == "" and "applied" not in removed.text
    assert fields_of(removed)["name"] == "Me"
    replaced = client.post(address_of(offer, "?coupon=SPRING"), fields_of(removed) | {"coupon": "HALF", "apply": "1"})
    assert "HALF applied: −50%" in plain(replaced) and orders_of(school) == []
    assert client.post(address_of(offer), fields_of(replaced)).status_code == 303
    assert orders_of(school)[0].total_minor == 60_000


def test_a_code_that_was_typed_and_not_applied_shows_its_price_first(school, visitor, offer, spring):
    page = submit(visitor(school), offer, coupon="SPRING")
    assert page.status_code == 200 and total_of(page) == "108000" and orders_of(school) == []


def test_the_answer_to_htmx_changes_everything_that_shows_the_price(school, visitor, offer, spring):
    text = plain(visitor(school).post(f"/o/{offer.token}/quote/", {"coupon": "SPRING", "apply": "1"}, headers=HTMX))
    assert text.startswith('<div id="summary"') and f"Pay {LESS}" in text
    assert f"Total: {LESS}" in text and "SPRING: −10%" in text


# --- Refused, each with its reason ---


def _shared(school, offer):
    """Codes that everybody may know, by what the buyer is told about each."""
    now = now_in(school)
    other = sold_offer(school, title="Another course")
    CouponFactory(school=school, code="LATER", starts_at=now + timedelta(days=3))
    with clock.at(now - timedelta(days=9)):
        CouponFactory(school=school, code="OVER", ends_at=now - timedelta(days=1))
    CouponFactory(school=school, code="DOLLARS", kind="fixed", amount_minor=500, currency="USD")
    CouponFactory(school=school, code="BIG", minimum_minor=200_000, currency="UAH")
    CouponFactory(school=school, code="ELSEWHERE", for_all_offers=False, offer_ids=(other.pk,))
    members = list_of(school, ContactFactory(school=school, email="member@example.test"))
    CouponFactory(school=school, code="GROUP", audience="list", contact_list_id=members.pk)
    return {
        "LATER": "This code can be used from",
        "OVER": "This code could be used until",
        "DOLLARS": "This code is for prices in USD, and this one is in UAH.",
        "BIG": "This code counts from UAH",
        "ELSEWHERE": "This code is for other offers",
        "GROUP": "This code is for a group of people. Enter your email or sign in",
    }


@pytest.mark.spec("K19.5: a coupon in UAH on an offer in USD is refused with the reason")
def test_shared_codes_say_exactly_why(school, visitor, offer):
    for code, why in _shared(school, offer).items():
        page = visitor(school).get(address_of(offer, f"?coupon={code}"))
        assert page.status_code == 200 and why in page.text, code
        assert total_of(page) == "120000" and fields_of(page)["coupon"] == code


def test_once_a_person_is_told_so(school, visitor, offer, spring):
    friend = ContactFactory(school=school)
    CouponFactory(school=school, code="GIFT", percent_bp=10_000)
    client = student_browser(friend)
    assert submit(client, offer, "?coupon=GIFT").status_code == 303
    page = client.get(address_of(sold_offer(school), "?coupon=GIFT"))
    assert "This code can be used once per person, and you have used it." in page.text


def test_the_better_of_promo_and_code_wins_and_the_buyer_is_told(school, visitor, spring):
    offer = sold_offer(school, price_minor=120_000, promo_price_minor=90_000)
    page = visitor(school).get(address_of(offer, "?coupon=SPRING"))
    assert total_of(page) == "90000" and "The code stays unused." in page.text
    CouponFactory(school=school, code="HALF", percent_bp=5_000)
    page = visitor(school).get(address_of(offer, "?coupon=HALF"))
    assert total_of(page) == "60000" and "takes off more than the promo price" in page.text


# --- One answer for all that nobody is to learn about (C2) ---


def _hidden(school, other_school):
    """Codes of one length: none at all, and those that nobody but their people and the team is to know of."""
    now = now_in(school)
    theirs = {"audience": "contact", "contact_id": ContactFactory(school=school).pk}
    elsewhere = {"for_all_offers": False, "offer_ids": (sold_offer(school, title="Another").pk,)}
    CouponFactory(school=other_school, code="CODE-FOREIGN")
    CouponFactory(school=school, code="CODE-DRAFT00", is_draft=True)
    CouponFactory(school=school, code="CODE-FRIENDS", **theirs)
    CouponFactory(school=school, code="CODE-FRIENDX", **theirs, **elsewhere)
    CouponFactory(school=school, code="CODE-FRIENDL", **theirs, starts_at=now + timedelta(days=3))
    with clock.at(now - timedelta(days=9)):
        CouponFactory(school=school, code="CODE-FRIENDE", **theirs, ends_at=now - timedelta(days=1))
    words = ("PAUSED0", "ARCHIVE", "OVER000")
    paused, archived, ended = (CouponFactory(school=school, code=f"CODE-{word}") for word in words)
    with school_scope(school):
        pause_coupon(coupon=paused, actor=None)
        archive_coupon(coupon=archived, actor=None)
        end_coupon(coupon=ended, actor=None)
        archive_coupon(coupon=ended, actor=None)
        return ["CODE-UNKNOWN", *CouponCode.objects.values_list("code", flat=True), "CODE-FOREIGN"]


def _blank(answer, *own):
    """The answer, headers included, without what differs from one request to the next and the words `own`."""
    headers = sorted(f"{name}: {value}" for name, value in answer.headers.items() if name != "X-Request-ID")
    text = "\n".join([str(answer.status_code), *headers, answer.text])
    for word in own:
        text = text.replace(word, "")
    text = re.sub(r'(name="(?:csrfmiddlewaretoken|key)" value=)"[^"]*"', r"\1", text)
    text = re.sub(r'"X-CSRFToken": "[^"]*"', "", text)
    return re.sub(r"""nonce(=|-)["'\w+/=-]*""", "", text)


@pytest.mark.spec("C2: unknown, foreign, draft, paused, archived and others' personal codes answer byte for byte alike")
@pytest.mark.parametrize("spelled", [str.upper, str.lower])
@pytest.mark.parametrize("who", ["", "somebody@example.test", "signed in"])
def test_hidden_codes_answer_alike(school, other_school, visitor, offer, count_queries, who, spelled):
    answers, statements = set(), set()
    for number, code in enumerate(map(spelled, _hidden(school, other_school))):
        stranger = ContactFactory(school=school, name="Stranger", email=f"stranger{number:02}@example.test")
        client = student_browser(stranger) if who == "signed in" else visitor(school)
        client.defaults["REMOTE_ADDR"] = f"127.9.{number}.1"  # wrong codes are counted
        typed = {"coupon": code, "email": who}
        client.get(address_of(offer))
        with count_queries() as queries:
            page = client.get(address_of(offer, f"?coupon={code}"))
            quote = client.post(f"/o/{offer.token}/quote/", typed, headers=HTMX)
            posted = client.post(address_of(offer), typed | {"apply": "1"})
        answers.add("".join(_blank(each, code, stranger.email) for each in (page, quote, posted)))
        statements.add(len(queries))
        assert NOT_VALID in page.text
        assert client.post(address_of(offer), fields_of(page) | WHO).status_code == 303
    assert len(answers) == 1 and len(statements) == 1
    assert {order.total_minor for order in orders_of(school)} == {120_000}


def test_what_is_hidden_would_be_seen_if_it_differed(school, visitor, offer):
    """The control: a code that says its own reason makes another answer."""
    CouponFactory(school=school, code="CODE-DOLLARS", kind="fixed", amount_minor=500, currency="USD")
    codes = ("CODE-UNKNOWN", "CODE-DOLLARS")
    answers = {_blank(visitor(school).get(address_of(offer, f"?coupon={code}")), code) for code in codes}
    assert len(answers) == 2
