"""Links that apply a coupon by themselves, and their QR codes."""

import io
from urllib.parse import urlencode

import segno
from django.utils.safestring import SafeString, mark_safe

from offers.models import Offer
from schools.models import School
from schools.sites import site_url

_SCALE, _PRINT_SCALE, _BORDER = 4, 12, 3


def coupon_link(school: School, offer: Offer, code: str) -> str:
    """The address of the offer with the coupon applied: "…/o/TnHG7QjEFukO?coupon=SPRING" (K31)."""
    return f"{site_url(school, 'public_offer', offer.token)}?{urlencode({'coupon': code})}"


def store_link(school: School, code: str) -> str:
    """The address of the store, whose cards show their prices with the coupon (K36)."""
    return f"{site_url(school, 'store')}?{urlencode({'coupon': code})}"


def qr_svg(link: str, title: str) -> SafeString:
    """The link as inline SVG, dark on white in every theme."""
    code = segno.make(link, error="m", micro=False)
    return mark_safe(  # noqa: S308  segno escapes the title
        code.svg_inline(scale=_SCALE, border=_BORDER, dark="#000", light="#fff", title=title, omitsize=True)
    )


def qr_png(link: str) -> bytes:
    """The link as a picture large enough for print."""
    picture = io.BytesIO()
    segno.make(link, error="m", micro=False).save(picture, kind="png", scale=_PRINT_SCALE, border=_BORDER)
    return picture.getvalue()
