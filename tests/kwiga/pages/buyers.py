"""A buyer at a checkout: what the page holds, and what a browser would send back."""

from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from courses.models import Course
from kwiga import clock
from offers.models import Offer, TermsDocument
from offers.services import DocumentTerms, DocumentTexts, ItemTerms, create_document, publish_version
from orders.models import Order
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.factories.orders import sold_offer

FULL, LESS = "UAH 1,200", "UAH 1,080"
WHO = {"email": "buyer@example.test", "name": "Olena Buyer"}


class _Fields(HTMLParser):
    """Names and values of the inputs in the form of the checkout."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.boxes: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("id") == "checkout"
        if tag != "input" or not self._inside or "name" not in found:
            return
        if found.get("type") == "checkbox":
            self.boxes.append(found["name"])
        else:
            self.fields[found["name"]] = found.get("value", "")


def _read(page: Any) -> _Fields:
    reader = _Fields()
    reader.feed(page.text)
    return reader


def fields_of(page: Any) -> dict[str, str]:
    """What a browser would send of the checkout's form without anything typed; boxes are left empty."""
    return _read(page).fields


def boxes_of(page: Any) -> list[str]:
    return _read(page).boxes


def address_of(offer: Offer, query: str = "") -> str:
    return f"/o/{offer.token}{query}"


def submit(client: Client, offer: Offer, query: str = "", /, **typed: Any) -> Any:
    """Open the page, fill the form in, tick every box and send it; `typed` replaces or adds, None leaves out."""
    page = client.get(address_of(offer, query))
    said = fields_of(page) | dict.fromkeys(boxes_of(page), "on")
    said |= {name: value for name, value in WHO.items() if name in said} | typed
    return client.post(address_of(offer, query), {name: value for name, value in said.items() if value is not None})


def plain(page: Any) -> str:
    """The page with a single space wherever it has several."""
    return " ".join(page.text.split())


def total_of(page: Any) -> str:
    """What the page says is to pay, in minor units."""
    return fields_of(page)["shown_total"]


def orders_of(school: School) -> list[Order]:
    with school_scope(school):
        return list(Order.objects.order_by("id"))


def now_in(school: School) -> datetime:
    with school_scope(school):
        return clock.now()


def document_of(school: School, title: str = "Public offer", **texts: str) -> TermsDocument:
    """A document in its first version; `uk="…"` gives its body in more languages."""
    with school_scope(school):
        return create_document(name=title, is_in_footer=True, texts=_texts(title, texts), actor=None)


def new_version(document: TermsDocument, title: str = "Public offer", **texts: str) -> None:
    with school_scope(document.school_id):
        publish_version(document=document, texts=_texts(title, texts), actor=None)


def _texts(title: str, bodies: dict[str, str]) -> tuple[DocumentTexts, ...]:
    bodies = bodies or {"en": "<p>The text of the terms.</p>"}
    return tuple(
        DocumentTexts(language=language, title=title if language == "en" else f"{title} {language}", body=body)
        for language, body in bodies.items()
    )


def offer_with_terms(school: School, document: TermsDocument, *, is_required: bool = True, **fields: Any) -> Offer:
    return sold_offer(school, documents=(DocumentTerms(document_id=document.pk, is_required=is_required),), **fields)


def plan(school: School, course: Course, **fields: Any) -> Offer:
    """A listed offer that opens the course."""
    offer: Offer = PublishedOfferFactory(school=school, items=(ItemTerms(course_id=course.pk),), **fields)
    return offer


def set_on(offer: Offer | School, **columns: Any) -> None:
    """Change columns of an offer or a school, whatever the services would say."""
    with school_scope(getattr(offer, "school_id", None) or offer.pk):
        type(offer)._default_manager.filter(pk=offer.pk).update(**columns)


def contacts_of(school: School) -> list[Contact]:
    with school_scope(school):
        return list(Contact.objects.order_by("id"))


def counted(queries: CaptureQueriesContext) -> list[str]:
    """The statements of a request, without the one of the scope and the marks of transactions."""
    marks = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SELECT set_config")
    return [found["sql"] for found in queries.captured_queries if not found["sql"].startswith(marks)]
