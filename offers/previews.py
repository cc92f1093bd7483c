"""Links that show a draft to whoever has them, for an hour: staff look at the page on the school's own host."""

from datetime import timedelta

from django.core import signing

from kwiga import clock
from offers.models import Offer
from schools.models import School
from schools.sites import site_url

LIFETIME = timedelta(hours=1)
_SIGNER = "offers.previews"


def preview_token(offer: Offer) -> str:
    """What stands in `?preview=`: bound to the school and the offer, good for an hour."""
    until = int((clock.now() + LIFETIME).timestamp())
    return signing.Signer(salt=_SIGNER).sign_object([offer.school_id, offer.pk, until])


def is_preview(offer: Offer, token: str) -> bool:
    """Whether the token was made for this offer less than an hour ago."""
    if not token:
        return False
    try:
        school_id, pk, until = signing.Signer(salt=_SIGNER).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return (school_id, pk) == (offer.school_id, offer.pk) and clock.now().timestamp() < until


def preview_url(school: School, offer: Offer) -> str:
    """The absolute address of the offer's page with a fresh preview."""
    return f"{site_url(school, 'public_offer', offer.token)}?preview={preview_token(offer)}"
