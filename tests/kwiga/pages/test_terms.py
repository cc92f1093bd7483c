"""Legal terms on a school's site: open to everybody, in the reader's language, every wording for ever."""

import pytest
from django.core.cache import cache

from offers.services import archive_document
from schools.tenancy.scope import school_scope
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import address_of, document_of, new_version, offer_with_terms


@pytest.mark.spec("K37.4: the page opens without signing in, from the footer and from the checkout")
def test_terms_are_reached_from_footer_and_checkout(school, visitor):
    document = document_of(school, "Our terms", en="<p>You buy, we teach.</p>")
    offer = offer_with_terms(school, document)
    client = visitor(school)
    checkout = client.get(address_of(offer)).text
    for address in (f"/terms/{document.token}/", f"/terms/{document.token}/1/"):
        assert f'href="{address}"' in checkout
        page = client.get(address)
        assert page.status_code == 200 and "You buy, we teach." in page.text
    assert f'href="/terms/{document.token}/"' in client.get("/").text


@pytest.mark.spec("K37.5: another school's text is never shown")
def test_terms_of_another_school_are_not_found(school, other_school, visitor):
    theirs = document_of(other_school, "Their terms")
    sold_offer(school)
    client = visitor(school)
    assert client.get(f"/terms/{theirs.token}/").status_code == 404
    assert client.get(f"/terms/{theirs.token}/1/").status_code == 404
    assert "Their terms" not in client.get("/").text


@pytest.mark.spec("K37.3")
def test_every_wording_stays_readable(school, visitor):
    document = document_of(school, en="<p>The first wording.</p>")
    new_version(document, en="<p>The second wording.</p>")
    client = visitor(school)
    newest = client.get(f"/terms/{document.token}/").text
    assert "The second wording." in newest and f"/terms/{document.token}/1/" in newest
    former = client.get(f"/terms/{document.token}/1/").text
    assert "The first wording." in former and "A newer one is in force" in former
    with school_scope(school):
        archive_document(document=document, actor=None)
    assert client.get(f"/terms/{document.token}/1/").status_code == 200
    cache.clear()  # the footer is remembered for a moment
    assert f"/terms/{document.token}/" not in client.get("/").text
    for wrong in ("3/", "0/", "99999999999999999999/", "x/"):
        assert client.get(f"/terms/{document.token}/{wrong}").status_code == 404


def test_terms_fall_back_on_the_schools_language(school, visitor):
    document = document_of(school, "Terms", en="<p>In English.</p>", uk="<p>Українською.</p>")
    client = visitor(school)
    for accepted, said in (("uk", "Українською."), ("pl", "In English."), ("en", "In English.")):
        assert said in client.get(f"/terms/{document.token}/", headers={"accept-language": accepted}).text
    page = client.get(f"/terms/{document.token}/", headers={"accept-language": "pl"})
    assert '<article lang="en">' in page.text and page.headers["Content-Language"] == "pl"


def test_a_remembered_footer_is_the_schools_own(school, other_school, visitor):
    ours, theirs = document_of(school, "Ours"), document_of(other_school, "Theirs")
    for _ in range(2):
        assert f"/terms/{ours.token}/" in visitor(school).get("/").text
        assert f"/terms/{theirs.token}/" in visitor(other_school).get("/").text
    assert f"/terms/{theirs.token}/" not in visitor(school).get("/").text


def test_terms_cannot_run_as_code(school, visitor):
    document = document_of(school, en="<p>Text<script>alert(1)</script><img src=x onerror=alert(1)></p>")
    text = visitor(school).get(f"/terms/{document.token}/").text
    assert "alert(1)" not in text and "onerror" not in text
