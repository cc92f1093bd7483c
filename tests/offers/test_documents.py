"""Legal terms: versions that are only added to, and which of them a reader meets."""

from typing import Any

import pytest

from kwiga import clock
from offers import services
from offers.models import Offer, TermsDocument, TermsText
from offers.selectors import footer_terms, terms_of, text_of
from offers.services import DocumentTerms, DocumentTexts, TermsRefused
from orders.models import OrderAcceptance
from schools.models import Event, School
from schools.tenancy.scope import school_scope
from tests.factories.offers import OfferFactory
from tests.factories.orders import placed, sold_offer


def text(language: str = "en", **said: Any) -> DocumentTexts:
    return DocumentTexts(language=language, **({"title": f"Terms {language}", "body": "<p>Text</p>"} | said))


def document(*texts: DocumentTexts, name: str = "Public offer", is_in_footer: bool = True) -> TermsDocument:
    return services.create_document(name=name, is_in_footer=is_in_footer, texts=texts or (text(),), actor=None)


def test_a_new_version_leaves_the_old_one_as_it_was(scope: School) -> None:
    made = document(text(body="<p>One</p>"))
    version = services.publish_version(document=made, texts=(text(body="<p>Two</p>"),), actor=None)
    assert version.number == 2
    bodies = TermsText.objects.order_by("version__number").values_list("body", flat=True)
    assert list(bodies) == ["<p>One</p>", "<p>Two</p>"]
    kinds = Event.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["terms.created", "terms.published"]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ((), "at least one language"),
        ((text(title=" "),), "needs a title"),
        ((text("de"),), "needs a title"),
        ((text(body=""),), "either the text or a link"),
        ((text(body="<p> </p>"),), "either the text or a link"),
        ((text(url="https://x.test/"),), "either the text or a link"),
        ((text(body="", url="http://x.test/"),), "https://"),
        ((text(body="", url="javascript:alert(1)"),), "https://"),
    ],
)
def test_a_wording_that_says_nothing_or_leads_astray_is_refused(
    scope: School, texts: tuple[DocumentTexts, ...], sentence: str
) -> None:
    with pytest.raises(TermsRefused, match=sentence):
        services.create_document(name="Terms", is_in_footer=True, texts=texts, actor=None)
    assert not TermsDocument.objects.exists()


def test_a_wording_is_cleaned(scope: School) -> None:
    document(text(body="<p>Text<script>alert(1)</script></p>"))
    assert TermsText.objects.get().body == "<p>Text</p>"


@pytest.mark.parametrize(
    ("wanted", "got"), [("uk", "Terms uk"), ("en", "Terms en"), ("pl", "Terms en"), ("xx", "Terms en")]
)
def test_a_reader_gets_their_language_else_the_schools(scope: School, wanted: str, got: str) -> None:
    made = document(text("uk"), text("en"))
    offer = OfferFactory(school=scope, documents=(DocumentTerms(document_id=made.pk),))
    (shown,) = terms_of(offer, wanted)
    assert shown.text.title == got
    (footer,) = footer_terms(wanted)
    assert footer.text.title == got
    whole = text_of(shown.version, wanted)
    assert whole is not None and whole.title == got


def test_a_text_in_neither_language_is_better_than_none(scope: School) -> None:
    made = document(text("pl"))
    offer = OfferFactory(school=scope, documents=(DocumentTerms(document_id=made.pk),))
    assert [shown.text.language for shown in terms_of(offer, "uk")] == ["pl"]


def test_the_newest_version_is_shown_even_where_the_old_one_had_the_language(scope: School) -> None:
    made = document(text("uk", title="Old"), text("en", title="Old"))
    services.publish_version(document=made, texts=(text("en", title="New"),), actor=None)
    offer = OfferFactory(school=scope, documents=(DocumentTerms(document_id=made.pk),))
    assert [(shown.version.number, shown.text.title) for shown in terms_of(offer, "uk")] == [(2, "New")]


def test_terms_of_an_offer_take_one_query_in_the_order_chosen(scope: School, django_assert_num_queries: Any) -> None:
    first, second, third = (document(name=name) for name in "abc")
    chosen = (
        DocumentTerms(document_id=third.pk),
        DocumentTerms(document_id=first.pk, is_required=False),
        DocumentTerms(document_id=second.pk),
    )
    offer = Offer.objects.get(pk=OfferFactory(school=scope, documents=chosen).pk)
    with django_assert_num_queries(1):
        shown = terms_of(offer, "en")
        assert [(one.document.pk, one.is_required, one.text.title) for one in shown] == [
            (third.pk, True, "Terms en"),
            (first.pk, False, "Terms en"),
            (second.pk, True, "Terms en"),
        ]


def test_footer_shows_what_is_meant_for_it(scope: School) -> None:
    document(name="Footer")
    document(name="Checkout only", is_in_footer=False)
    services.archive_document(document=document(name="Old"), actor=None)
    assert [shown.document.name for shown in footer_terms("en")] == ["Footer"]


def test_a_document_that_offers_show_is_not_archived(scope: School) -> None:
    made = document()
    offer = OfferFactory(school=scope, documents=(DocumentTerms(document_id=made.pk),))
    with pytest.raises(TermsRefused, match="Offers still show"):
        services.archive_document(document=made, actor=None)
    services.archive_offer(offer=offer, actor=None)
    services.archive_document(document=made, actor=None)
    assert terms_of(offer, "en") == []
    with pytest.raises(TermsRefused, match="Restore it first"):
        services.publish_version(document=made, texts=(text(),), actor=None)
    services.restore_document(document=made, actor=None)
    assert services.publish_version(document=made, texts=(text(),), actor=None).number == 2


@pytest.mark.spec("K37.2: an order keeps the version that was accepted, and when")
@pytest.mark.spec("K37.3: a new version leaves old orders with theirs")
def test_an_order_keeps_the_version_it_accepted(school: School) -> None:
    with school_scope(school):
        made = document()
        first = made.versions.get()
    offer = sold_offer(school, documents=(DocumentTerms(document_id=made.pk),))
    before = clock.now()
    order = placed(offer, accepted_version_ids=[first.pk]).order
    with school_scope(school):
        second = services.publish_version(document=made, texts=(text(title="New"),), actor=None)
        kept = OrderAcceptance.objects.get(order=order)
        assert kept.version == first and kept.accepted_at >= before
        assert kept.version.texts.get().title == "Terms en"
    later = placed(offer, email="later@example.test", accepted_version_ids=[second.pk]).order
    with school_scope(school):
        assert OrderAcceptance.objects.get(order=later).version == second


# --- In the dashboard ---

WORDS = {"name": "Public offer", "is_in_footer": "on", "text-en-title": "Offer", "text-en-body": "<p>We teach.</p>"}


def test_the_team_writes_a_document_in_several_languages(school: School, owner: Any, staff: Any) -> None:
    client = staff(owner)
    said = WORDS | {"text-uk-title": "Оферта", "text-uk-url": "https://example.test/oferta"}
    response = client.post("/green/terms/new/", said)
    with school_scope(school):
        made = TermsDocument.objects.get()
        texts = {row.language: (row.title, row.body, row.url) for row in TermsText.objects.all()}
    assert response.url == f"/green/terms/{made.token}/"
    assert texts == {
        "en": ("Offer", "<p>We teach.</p>", ""),
        "uk": ("Оферта", "", "https://example.test/oferta"),
    }
    page = client.get(response.url).text
    assert "Version 1" in page and f"http://green.localhost:8000/terms/{made.token}/" in page
    assert "We teach." in client.get(f"/green/terms/{made.token}/versions/1/").text
    assert "Public offer" in client.get("/green/terms/").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"text-en-title": ""}, "This field is required."),
        ({"text-en-body": ""}, "Give either the text or a link to it."),
        ({"text-pl-title": "Regulamin"}, "Give either the text or a link to it."),
        ({"text-pl-body": "<p>Regulamin</p>"}, "Each text needs a title."),
        ({"text-en-body": "", "text-en-url": "http://x.test/"}, "begins with https://"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(
    school: School, owner: Any, staff: Any, change: dict[str, str], sentence: str
) -> None:
    response = staff(owner).post("/green/terms/new/", WORDS | change)
    assert response.status_code == 200
    assert sentence in response.text
    assert "We teach." in response.text or "text-en-body" in change
    with school_scope(school):
        assert not TermsDocument.objects.exists()


def test_a_new_version_begins_with_the_newest_wording(school: School, owner: Any, staff: Any) -> None:
    client = staff(owner)
    with school_scope(school):
        made = document(text(body="<p>Before</p>"))
    address = f"/green/terms/{made.token}/versions/new/"
    assert "Before" in client.get(address).text
    client.post(address, {"text-en-title": "Offer", "text-en-body": "<p>After</p>"})
    with school_scope(school):
        assert made.versions.count() == 2
    assert "After" in client.get(f"/green/terms/{made.token}/versions/2/").text
    assert "Before" in client.get(f"/green/terms/{made.token}/versions/1/").text


def test_moves_of_a_document(school: School, owner: Any, staff: Any) -> None:
    client = staff(owner)
    with school_scope(school):
        made = document()
    for path, field, value in (("change", "name", "Rules"), ("archive", "", ""), ("restoration", "", "")):
        response = client.post(f"/green/terms/{made.token}/{path}/", {field: value} if field else {}, follow=True)
        assert response.status_code == 200
    with school_scope(school):
        made.refresh_from_db()
        kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert (made.name, made.is_in_footer, made.archived_at) == ("Rules", False, None)
    assert kinds == ["terms.created", "terms.changed", "terms.archived", "terms.restored"]
    page = client.get("/green/activity/?topic=terms").text
    assert "Legal terms in use again" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_documents_as_for_one(
    school: School, owner: Any, staff: Any, count: int, django_assert_num_queries: Any
) -> None:
    with school_scope(school):
        for _ in range(count):
            document()
    client = staff(owner)
    client.get("/green/terms/")
    with django_assert_num_queries(9):  # session, user, school; savepoint, scope, member, the list, release, scope back
        assert client.get("/green/terms/").text.count("row-link") == count


def test_an_empty_list_offers_the_first_document(school: School, owner: Any, teammate: Any, staff: Any) -> None:
    assert "Write the first document" in staff(owner).get("/green/terms/").text
    assert "Write the first document" not in staff(teammate).get("/green/terms/").text
