"""Offers with terms to accept, and edited past their services."""

from typing import Any

from offers.models import Offer, OfferTermsDocument, TermsDocument, TermsText, TermsVersion
from schools.tenancy.scope import school_scope


def change(offer: Offer, **fields: Any) -> None:
    with school_scope(offer.school_id):
        Offer.objects.filter(pk=offer.pk).update(**fields)


def required_terms(offer: Offer) -> TermsVersion:
    with school_scope(offer.school_id):
        document = TermsDocument.objects.create(school_id=offer.school_id, name="Public offer")
        OfferTermsDocument.objects.create(school_id=offer.school_id, offer=offer, document=document)
        return new_wording(document, 1)


def new_wording(document: TermsDocument, number: int) -> TermsVersion:
    version = TermsVersion.objects.create(school_id=document.school_id, document=document, number=number)
    TermsText.objects.create(
        school_id=document.school_id, version=version, language="en", title="Terms", body="<p>x</p>"
    )
    return version
