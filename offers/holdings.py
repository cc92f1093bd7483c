"""Nothing here is about a contact: offers hold what the school says (trust D8)."""

from contacts.holdings import classify


def register_own() -> None:
    """Say whose the texts of this app's tables are."""
    classify(
        "offers.Offer",
        school="title summary description category difference thank_you_text thank_you_url",
        code="token status currency language phone open_for_unit",
    )
    classify("offers.OfferItem")
    classify("offers.OfferMail", school="subject body", code="occasion mode")
    classify("offers.OfferQuestion", school="label")
    classify("offers.OfferTermsDocument")
    classify("offers.TermsDocument", school="name", code="token")
    classify("offers.TermsText", school="title body url", code="language")
    classify("offers.TermsVersion")
