"""A mail of an offer as an invented buyer would get it, made by the same steps as the one that is sent (P7)."""

from django.utils import translation

from kwiga import clock
from kwiga.money import format_money
from kwiga.templatetags.instants import short_date
from offers.mails import OrderFacts, wording_of
from offers.models import Offer, OfferMail
from offers.selectors import items_of
from schools.mail.letters import Letter, write_letter
from schools.mail.sealing import Order
from schools.models import School
from schools.sites import site_url

EMAIL = "olena.kovalenko@example.com"
NUMBER = "K7M2P9QX"


def sample_facts(school: School, offer: Offer, language: str, titles: list[str] | None = None) -> OrderFacts:
    """An order of the offer by Olena Kovalenko, now. `titles` are the courses when the offer is not saved yet."""
    courses = list(dict.fromkeys(item.course.title for item in items_of(offer))) if titles is None else titles
    home = site_url(school, "store")
    with translation.override(language):
        return OrderFacts(
            contact_name="Olena Kovalenko",
            contact_email=EMAIL,
            contact_phone="+380 44 000 00 00",
            number=NUMBER,
            total=format_money(offer.price_at(clock.now()), offer.currency),
            date=short_date(clock.now()),
            title=offer.title,
            courses=courses,
            access_link=f"{home}me/",
            pay_link=f"{home}pay/{NUMBER}/",
            receipt_link=f"{home}me/orders/{NUMBER}/",
        )


def preview_of(school: School, offer: Offer, mail: OfferMail, facts: OrderFacts, language: str) -> Letter | None:
    """The letter that a buyer with these facts gets; None when this occasion is switched off."""
    wording = wording_of(school, mail.occasion, mail, facts)
    if wording is None:
        return None
    return write_letter(
        school=school,
        template=wording.template,
        order=Order(facts.contact_email, language, wording.context),
        dedupe_key=f"preview:{mail.occasion}",
        at=clock.now(),
    )
