"""What this app holds about contacts: personal coupons, and uses, which belong to the books (trust D8)."""

from typing import Any

import pgtrigger
from django.db.models import F, JSONField, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.holdings import Holding, Names, classify, history_of, register
from contacts.models import Contact
from contacts.own_holding import forget_lines
from coupons.models import Coupon, CouponImportLine, Redemption
from coupons.search import SEARCH_KIND, words_about
from coupons.selectors.lists import code_of
from schools import search
from schools.tenancy.history import rewritten_history


def register_own() -> None:
    """Register the part of this app, and whose the texts of its tables are."""
    register(Holding(key="coupons", move=_move, erase=_erase, export=_export, forget=_forget, counts=_counts))
    classify("coupons.Coupon", person="contact comment", code="token kind currency audience made_by")
    classify("coupons.CouponCode", school="code code_key")
    classify("coupons.CouponImport", school="file_name", code="token")
    classify("coupons.CouponImportLine", person="cells error", code="state")
    classify("coupons.CouponOffer")
    classify("coupons.Redemption", person="contact", code="state currency snapshot")


def _move(other: Contact, into: Contact) -> None:
    """Personal coupons are the other's now. A use stays what it was: who used it then is kept in its snapshot.

    So a limit per person that both kept is still kept, person by person as they were; a new use counts all of them.
    """
    personal = list(Coupon.objects.filter(contact=other))
    Coupon.objects.filter(contact=other).update(contact=into)
    uses = Redemption.objects.filter(contact=other)
    # The terms of a use are frozen for everybody else.
    with pgtrigger.ignore("coupons.Redemption:terms_are_frozen"):
        uses.exclude(snapshot__has_key="used_by").update(snapshot=_with_user(other))
        uses.update(contact=into)
    _index([coupon.pk for coupon in personal])


def _with_user(contact: Contact) -> CombinedExpression:
    user = JSONObject(used_by=Value(contact.pk))
    return CombinedExpression(F("snapshot"), "||", user, output_field=JSONField())


def _index(pks: list[int]) -> None:
    for coupon in Coupon.objects.filter(pk__in=pks).select_related("contact", "contact_list").prefetch_related("codes"):
        search.index(SEARCH_KIND, coupon.pk, *words_about(coupon, code_of(coupon)))


def _erase(contact: Contact) -> None:
    personal = Coupon.objects.filter(contact=contact)
    pks = list(personal.values_list("pk", flat=True))
    personal.update(comment="")
    past = history_of(Coupon).objects.filter(school_id=contact.school_id)
    with rewritten_history(Coupon):
        past.filter(pgh_obj_id__in=pks).update(comment="", pgh_context=None)
        past.filter(contact_id=contact.pk).update(comment="", pgh_context=None)
    for coupon in Coupon.objects.filter(pk__in=pks).prefetch_related("codes"):
        search.index(SEARCH_KIND, coupon.pk, code_of(coupon))


def _forget(names: Names) -> None:
    forget_lines(CouponImportLine.objects.all(), names)


def _counts(contact: Contact) -> list[tuple[str | Promise, int]]:
    return [
        (_("Personal coupons"), Coupon.objects.filter(contact=contact).count()),
        (_("Uses of coupons"), Redemption.objects.filter(contact=contact).count()),
    ]


def _export(contact: Contact) -> dict[str, Any]:
    own = Coupon.objects.filter(contact=contact).order_by("created_at", "pk")
    uses = Redemption.objects.filter(contact=contact).order_by("created_at", "pk")
    return {
        "coupons": list(own.values("codes__code", "kind", "percent_bp", "amount_minor", "currency", "ends_at")),
        "uses": list(uses.values("code__code", "state", "amount_minor", "currency", "created_at")),
    }
