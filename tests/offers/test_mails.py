"""The mails of an offer: saved, looked at, kept."""

from offers import services
from offers.models import OfferMail
from schools.tenancy.scope import school_scope
from tests.factories.offers import OfferFactory
from tests.support.offer_pages import GOOD, HTMX


def test_mails_are_saved_with_a_warning_for_unknown_words(school, owner, staff):
    offer = OfferFactory(school=school)
    address = f"/green/offers/{offer.token}/mails/"
    said = {"purchased-mode": "own", "purchased-subject": "Hi {{ contact.nmae }}", "purchased-body": "{{ pay_link }}",
            "payment_failed-mode": "off", "free_accepted-mode": "standard"}  # fmt: skip
    page = staff(owner).post(address, said, follow=True).text
    assert "does not know “contact.nmae”" in page and "does not know “pay_link”" in page
    with school_scope(school):
        rows = {row.occasion: row.mode for row in OfferMail.objects.all()}
    assert rows == {"purchased": "own", "payment_failed": "off", "free_accepted": "standard"}


def test_a_mail_of_ones_own_needs_words(school, owner, staff):
    offer = OfferFactory(school=school)
    said = {"purchased-mode": "own", "payment_failed-mode": "standard", "free_accepted-mode": "standard"}
    response = staff(owner).post(f"/green/offers/{offer.token}/mails/", said)
    assert response.status_code == 200
    assert response.text.count("This field is required.") == 2
    with school_scope(school):
        assert not OfferMail.objects.exists()


def test_the_mail_beside_follows_what_is_typed_and_saves_nothing(school, owner, staff):
    offer = OfferFactory(school=school, title="Yoga")
    said = {"purchased-mode": "own", "purchased-subject": "Hi {{ contact.name }}", "purchased-body": "<b>Go</b>"}
    address = f"/green/offers/{offer.token}/mails/purchased/"
    response = staff(owner).post(address, said, headers=HTMX)
    assert response.text.strip().startswith('<div id="letter-purchased"')
    assert "Hi Olena Kovalenko" in response.text and "&lt;b&gt;Go&lt;/b&gt;" in response.text
    off = staff(owner).post(address, {"purchased-mode": "off"}, headers=HTMX).text
    assert "No mail is sent" in off
    with school_scope(school):
        assert not OfferMail.objects.exists()
    assert staff(owner).post(f"/green/offers/{offer.token}/mails/never/", said).status_code == 404


def test_editing_an_offer_keeps_its_mails(school, owner, staff):
    mails = (services.MailTerms(occasion="purchased", mode="off"),)
    offer = OfferFactory(school=school, mails=mails)
    staff(owner).post(f"/green/offers/{offer.token}/edit/", GOOD)
    with school_scope(school):
        assert OfferMail.objects.get().mode == "off"
