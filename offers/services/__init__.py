"""Verbs of offers and of legal terms: each one transaction, each with its line in the journal."""

from offers.services.documents import (
    DocumentTexts,
    archive_document,
    change_document,
    create_document,
    publish_version,
    restore_document,
)
from offers.services.errors import NotReady, OfferRefused, TermsRefused
from offers.services.moves import archive_offer, publish_offer, restore_offer, unpublish_offer
from offers.services.terms import DocumentTerms, ItemTerms, MailTerms, OfferTerms, QuestionTerms
from offers.services.writing import change_offer, copy_offer, create_offer, delete_offer, terms_in

__all__ = [
    "DocumentTerms",
    "DocumentTexts",
    "ItemTerms",
    "MailTerms",
    "NotReady",
    "OfferRefused",
    "OfferTerms",
    "QuestionTerms",
    "TermsRefused",
    "archive_document",
    "archive_offer",
    "change_document",
    "change_offer",
    "copy_offer",
    "create_document",
    "create_offer",
    "delete_offer",
    "publish_offer",
    "publish_version",
    "restore_document",
    "restore_offer",
    "terms_in",
    "unpublish_offer",
]
