from offers.models.mails import OfferMail
from offers.models.offers import Offer, OfferItem, OfferQuestion
from offers.models.terms import OfferTermsDocument, TermsDocument, TermsText, TermsVersion

__all__ = [
    "Offer",
    "OfferItem",
    "OfferMail",
    "OfferQuestion",
    "OfferTermsDocument",
    "TermsDocument",
    "TermsText",
    "TermsVersion",
]
