"""Every reason for which a code is refused has its sentence, in each language, on the page that a buyer sees."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact
from coupons.eligibility import HIDDEN, Reason
from coupons.services.coupons import archive_coupon, pause_coupon
from kwiga import clock
from offers.models import Offer
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer
from tests.kwiga.pages.buyers import now_in

NOT_VALID = {
    "en": "This code is not valid here. Check how it is written.",
    "uk": "Цей код тут не діє. Перевірте, як його написано.",
    "pl": "Ten kod tu nie działa. Sprawdź, jak jest zapisany.",
}
ASKED_WHO = {
    "en": "If it was given to you, enter your email or sign in.",
    "uk": "Якщо його надали вам, введіть свою електронну адресу або увійдіть.",
    "pl": "Jeśli jest dla Ciebie, podaj swój e-mail albo się zaloguj.",
}
# "…" stands for an instant or a sum.
SENTENCES = {
    Reason.OFFER_REFUSES: {
        "en": "Codes cannot be used for this offer.",
        "uk": "Для цієї пропозиції коди використати не можна.",
        "pl": "W tej ofercie nie można użyć kodów.",
    },
    Reason.NEEDS_PERSON: {
        "en": "This code is for a group of people. Enter your email or sign in, so that it can be checked.",
        "uk": "Цей код для групи людей. Введіть свою електронну адресу або увійдіть, щоб його можна було перевірити.",
        "pl": "Ten kod jest dla grupy osób. Podaj swój e-mail albo się zaloguj, aby można było go sprawdzić.",
    },
    Reason.STARTS_LATER: {
        "en": "This code can be used from ….",
        "uk": "Цей код можна використати з ….",
        "pl": "Tego kodu można użyć od ….",
    },
    Reason.ENDED: {
        "en": "This code could be used until ….",
        "uk": "Цей код можна було використати до ….",
        "pl": "Tego kodu można było użyć do ….",
    },
    Reason.OTHER_OFFER: {
        "en": "This code is for other offers: “Chess”.",
        "uk": "Цей код для інших пропозицій: “Chess”.",
        "pl": "Ten kod jest dla innych ofert: “Chess”.",
    },
    Reason.OTHER_CURRENCY: {
        "en": "This code is for prices in USD, and this one is in UAH.",
        "uk": "Цей код для цін у USD, а ця — у UAH.",
        "pl": "Ten kod jest do cen w USD, a ta jest w UAH.",
    },
    Reason.BELOW_MINIMUM: {
        "en": "This code counts from …; … is missing.",
        "uk": "Цей код діє від …; бракує ….",
        "pl": "Ten kod liczy się od …; brakuje ….",
    },
    Reason.USED_UP: {
        "en": "This code has been used as often as it could be.",
        "uk": "Цей код використано стільки разів, скільки було можна.",
        "pl": "Ten kod został użyty tyle razy, ile było można.",
    },
    Reason.NOTHING_OFF: {
        "en": "This code takes nothing off this price.",
        "uk": "Цей код нічого не знімає з цієї ціни.",
        "pl": "Ten kod nic nie odejmuje od tej ceny.",
    },
    Reason.PROMO_IS_BETTER: {
        "en": "The promo price of … is lower than … with the code. The code stays unused.",
        "uk": "Акційна ціна … нижча, ніж … з кодом. Код лишається невикористаним.",
        "pl": "Cena promocyjna … jest niższa niż … z kodem. Kod pozostaje nieużyty.",
    },
    Reason.NOT_ON_LIST: {
        "en": "This code is for a group of people, and this email is not among theirs. Enter the one the school knows.",
        "uk": "Цей код для групи людей, а цієї адреси серед них немає. Введіть ту, яку знає школа.",
        "pl": "Ten kod jest dla grupy osób, a tego adresu wśród nich nie ma. Podaj ten, który zna szkoła.",
    },
    Reason.USED_BY_YOU: {
        "en": "This code can be used once per person, and you have used it.",
        "uk": "Цей код кожна людина може використати 1 раз, і ви його вже використали.",
        "pl": "Tego kodu można użyć 1 raz na osobę i to użycie już za Tobą.",
    },
    Reason.RESERVED_UNTIL: {
        "en": "This code is reserved until … by an unpaid order for this email. Pay for that order, or wait.",
        "uk": "Цей код утримує до … неоплачене замовлення на цю адресу. Оплатіть його або зачекайте.",
        "pl": "Ten kod jest zarezerwowany do … przez nieopłacone zamówienie na ten e-mail. "
        "Zapłać za nie albo poczekaj.",
    },
}
# Told to those who are known alone; the others are told to everybody.
TO_KNOWN = {Reason.NOT_ON_LIST, Reason.USED_BY_YOU, Reason.RESERVED_UNTIL}
HIDDEN_CODES = ["CODE-UNKNOWN", "CODE-FOREIGN", "CODE-DRAFT00", "CODE-PAUSED0", "CODE-ARCHIVE", "CODE-FRIENDS"]


@pytest.fixture
def friend(school: School) -> Contact:
    return ContactFactory(school=school, email="friend@example.test")


@pytest.fixture
def offers(school: School, friend: Contact) -> dict[Reason, Offer]:
    """The offer on which each code is refused: one with a promo price where nothing else is said."""
    usual = sold_offer(school, price_minor=120_000, promo_price_minor=90_000)
    special = {
        Reason.OFFER_REFUSES: sold_offer(school, allows_coupons=False),
        Reason.NOTHING_OFF: sold_offer(school, price_minor=40),
    }
    return dict.fromkeys(Reason, usual) | special


@pytest.fixture
def codes(school: School, friend: Contact) -> dict[Reason, str]:
    """A code for each reason that is told."""
    now, chess = now_in(school), sold_offer(school, title="Chess", price_minor=120_000)
    with clock.at(now - timedelta(days=9)):
        CouponFactory(school=school, code=Reason.ENDED, ends_at=now - timedelta(days=1))
    graduates = list_of(school, ContactFactory(school=school)).pk
    terms: dict[Reason, dict[str, Any]] = {
        Reason.STARTS_LATER: {"starts_at": now + timedelta(days=3)},
        Reason.OTHER_OFFER: {"for_all_offers": False, "offer_ids": (chess.pk,)},
        Reason.OTHER_CURRENCY: {"kind": "fixed", "amount_minor": 500, "currency": "USD"},
        Reason.BELOW_MINIMUM: {"minimum_minor": 200_000, "currency": "UAH"},
        Reason.USED_UP: {"max_uses": 1},
        Reason.NEEDS_PERSON: {"audience": "list", "contact_list_id": graduates},
        Reason.NOT_ON_LIST: {"audience": "list", "contact_list_id": graduates},
        Reason.NOTHING_OFF: {"percent_bp": 100},
    }
    for reason in SENTENCES.keys() - {Reason.ENDED}:
        CouponFactory(school=school, code=reason, **terms.get(reason, {}))
    bought: dict[str, Any] = {"offer": chess, "shown_total_minor": 108_000}
    PaidOrderFactory(**bought, code=Reason.USED_UP)
    PaidOrderFactory(**bought, code=Reason.USED_BY_YOU, email=friend.email)
    PlacedOrderFactory(**bought, code=Reason.RESERVED_UNTIL, email=friend.email)
    return {reason: reason.value for reason in SENTENCES}


@pytest.fixture
def hidden(school: School, other_school: School) -> list[str]:
    """Codes that nobody is to learn about; the first is not there at all."""
    CouponFactory(school=other_school, code="CODE-FOREIGN")
    CouponFactory(school=school, code="CODE-DRAFT00", is_draft=True)
    paused, archived = (CouponFactory(school=school, code=code) for code in ("CODE-PAUSED0", "CODE-ARCHIVE"))
    with school_scope(school):
        pause_coupon(coupon=paused, actor=None)
        archive_coupon(coupon=archived, actor=None)
    owner = ContactFactory(school=school)
    CouponFactory(school=school, code="CODE-FRIENDS", audience="contact", contact_id=owner.pk)
    return HIDDEN_CODES


def told(page: Page, address: str, code: str, language: str, email: str = "") -> str:
    """What the page says about the code in its link; with `email`, once that has been typed into the form."""
    page.goto(f"{address}?coupon={code}&lang={language}", wait_until="commit" if not email else "load")
    assert page.locator("html").get_attribute("lang") == language
    if email:
        page.locator("input[name=email]").fill(email)
        page.locator("input[name=name]").focus()
        expect(page.locator("#told")).not_to_be_empty()
    return " ".join(page.locator("p.code-answer").inner_text().split())


def become(page: Page, site: str, contact: Contact) -> None:
    value = student_browser(contact).cookies["session"].value
    page.context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": value, "url": site}])


def is_sentence(text: str, sentence: str) -> bool:
    """Whether the page says exactly this, with anything of a few words in place of "…"."""
    return bool(re.fullmatch(re.escape(sentence).replace("…", ".{4,60}?"), text))


@pytest.mark.spec("K31: every reason for refusing a code has its sentence in English, Ukrainian and Polish")
def test_every_reason_is_told_in_every_language(page: Page, site, school, friend, offers, codes) -> None:
    assert SENTENCES.keys() | HIDDEN == set(Reason)
    wrong = []
    for reason, sentences in SENTENCES.items():
        address = f"{site(school)}/o/{offers[reason].token}"
        for language, sentence in sentences.items():
            text = told(page, address, codes[reason], language, friend.email if reason in TO_KNOWN else "")
            # A guest whom a name could help is offered the way to sign in behind the sentence.
            if reason == Reason.NEEDS_PERSON:
                text = text.rpartition(" " + page.locator("p.code-answer a").inner_text())[0]
            if not is_sentence(text, sentence):
                wrong.append((reason.value, language, text))
    assert wrong == []


@pytest.mark.spec("C2: hidden codes are told alike in each language, and ask a guest who they are")
def test_hidden_codes_are_told_alike(browser: Browser, page: Page, site, school, offers, hidden) -> None:
    address = f"{site(school)}/o/{offers[Reason.UNKNOWN].token}"
    for language, sentence in NOT_VALID.items():
        become(page, site(school), ContactFactory(school=school))  # wrong codes are counted, for each person
        assert {told(page, address, code, language) for code in hidden} == {sentence}
    guest = browser.new_page()
    for language, sentence in NOT_VALID.items():
        assert told(guest, address, hidden[0], language).startswith(f"{sentence} {ASKED_WHO[language]}")
    guest.close()
