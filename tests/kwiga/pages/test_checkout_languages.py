"""In which language a checkout speaks (K07), and that the choice survives."""

from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from offers.models import Offer
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import address_of, document_of, offer_with_terms, orders_of, submit


def language_of(page: Any) -> str:
    """What the answer's header and its page agree on."""
    language: str = page.headers["Content-Language"]
    assert f'<html lang="{language}"' in page.text
    return language


def in_words(language: str, sentence: str) -> str:
    with translation.override(language):
        return str(translation.gettext(sentence))


@pytest.mark.spec("K07.1: an offer fixed to Polish in an English school is Polish: buttons, errors and mail")
def test_an_offer_of_one_language_speaks_it(school, visitor):
    offer = offer_with_terms(school, document_of(school), language="pl")
    client = visitor(school)
    page = client.get(address_of(offer), headers={"accept-language": "en"})
    assert language_of(page) == "pl" and in_words("pl", "Email") in page.text
    assert in_words("pl", "I accept: {}").partition("{")[0] in page.text
    wrong = submit(client, offer, email="")
    assert language_of(wrong) == "pl"
    required = in_words("pl", "This field is required.")
    assert required != "This field is required." and required in wrong.text
    submit(client, offer)
    assert [order.language for order in orders_of(school)] == ["pl"]  # mails follow the order


@pytest.mark.spec("K07.2: the link parameter beats the browser's language")
@pytest.mark.parametrize(
    ("link", "fixed", "contact", "cookie", "browser", "language"),
    [
        ("uk", "pl", "pl", "pl", "pl", "uk"),
        ("", "uk", "pl", "pl", "pl", "uk"),
        ("", "", "uk", "pl", "pl", "uk"),
        ("", "", "", "uk", "pl", "uk"),
        ("", "", "", "", "uk", "uk"),
        ("", "", "", "", "", "en"),
        ("uk", "", "", "", "pl", "uk"),
    ],
)
def test_the_order_of_choice(school, visitor, link, fixed, contact, cookie, browser, language):
    offer = sold_offer(school, language=fixed)
    client = student_browser(ContactFactory(school=school, language=contact)) if contact else visitor(school)
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    headers = {"accept-language": browser} if browser else {}
    page = client.get(address_of(offer, f"?lang={link}" if link else ""), headers=headers)
    assert language_of(page) == language


@pytest.mark.spec("K07.3: the answer to a code is in the page's language")
def test_the_answer_to_a_code_is_in_the_pages_language(school, visitor):
    offer = sold_offer(school, language="pl")
    sentence = in_words("pl", "This code is not valid here. Check how it is written.")
    client = visitor(school)
    for answer in (
        client.get(address_of(offer, "?coupon=NOPE"), headers={"accept-language": "uk"}),
        client.post(f"/o/{offer.token}/quote/", {"coupon": "NOPE"}, headers={"accept-language": "uk"}),
        submit(client, offer, coupon="NOPE", apply="1"),
    ):
        assert answer.headers["Content-Language"] == "pl" and sentence in answer.text


@pytest.mark.spec("K07.4: an unsupported code is passed over, status 200")
@pytest.mark.parametrize("code", ["tlh", "", "../../etc", "x" * 500, "%00", "en-"])
def test_an_unsupported_language_is_passed_over(school, visitor, code):
    offer = sold_offer(school)
    page = visitor(school).get(address_of(offer, f"?lang={code}"))
    assert page.status_code == 200 and language_of(page) in {"en"}


def test_the_switch_changes_a_page_whatever_had_chosen_its_language(school, visitor):
    offer = sold_offer(school, language="pl")
    client = visitor(school)
    page = client.get(address_of(offer, "?coupon=X&utm_source=mail"))
    back = f"/o/{offer.token}?coupon=X&amp;utm_source=mail&amp;lang=pl"
    assert f'name="next" value="{back}"' in page.text
    chosen = client.post("/preferences/language/", {"language": "uk", "next": back.replace("&amp;", "&")})
    assert chosen.headers["Location"] == f"/o/{offer.token}?coupon=X&utm_source=mail&lang=uk"
    assert language_of(client.get(chosen.headers["Location"])) == "uk"


def test_the_language_of_the_link_is_the_orders(school, visitor):
    offer: Offer = sold_offer(school)
    submit(visitor(school), offer, "?lang=uk")
    assert [order.language for order in orders_of(school)] == ["uk"]
