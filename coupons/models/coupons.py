"""Price reductions: a coupon holds the rule of a discount, a code is a string that invokes it."""

from datetime import UTC, datetime
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactList
from kwiga import clock
from kwiga.money import CURRENCIES
from kwiga.tokens import address_token
from offers.models import Offer
from schools.tenancy.constraints import TenantKey
from schools.tenancy.history import school_history_but
from schools.tenancy.models import TenantForeignKey, TenantManager, TenantModel

# Where a coupon without an end stands among those with one, and from where on sums follow percents.
FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
SUMS_FROM = 100_000
_FEW = {
    "drafts": Q(is_draft=True),
    "paused": Q(paused_at__isnull=False),
    "archived": Q(archived_at__isnull=False),
    "used": Q(is_used=True),
    "personal": Q(audience="contact"),
    "grouped": Q(audience="list"),
    "made": ~Q(made_by=""),
}

# What a coupon gave may not be rewritten once somebody used it (K19, P5; trust C12).
LOCKED_FIELDS = ("kind", "percent_bp", "amount_minor", "currency", "maximum_minor", "minimum_minor", "combines")


class CouponQuerySet(models.QuerySet["Coupon"]):
    def live(self, at: datetime) -> "CouponQuerySet":
        """Those that can be used at that instant as far as the clock and the team say."""
        started = Q(starts_at=None) | Q(starts_at__lte=at)
        running = Q(ends_at=None) | Q(ends_at__gt=at)
        return self.filter(started, running, is_draft=False, paused_at=None, ended_at=None, archived_at=None)


CouponManager = TenantManager.from_queryset(CouponQuerySet)


@school_history_but("uses")
class Coupon(TenantModel):
    """The rule of a discount. Change it only through `coupons.services`.

    `uses` counts held and confirmed redemptions of a coupon with `max_uses`, by one conditional UPDATE; without a limit
    it is not kept, so that its buyers wait for no row.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Percent")
        FIXED = "fixed", _("Fixed sum")

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("For all users")
        CONTACT = "contact", _("For a specific user")
        LIST = "list", _("For a group of users")

    token = models.CharField(max_length=12, default=address_token, editable=False)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    percent_bp = models.PositiveIntegerField(_("Percent"), null=True, blank=True)  # basis points, 1 to 100 %
    amount_minor = models.PositiveBigIntegerField(_("Sum"), null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, blank=True, choices=[(code, code) for code in CURRENCIES])
    maximum_minor = models.PositiveBigIntegerField(_("At most"), null=True, blank=True)
    minimum_minor = models.PositiveBigIntegerField(_("From a sum of"), null=True, blank=True)

    starts_at = models.DateTimeField(_("Valid from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("Valid until"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("Total number of uses"), null=True, blank=True)
    max_uses_per_contact = models.PositiveIntegerField(_("Number of uses per user"), null=True, blank=True, default=1)
    uses = models.PositiveIntegerField(default=0, editable=False)
    is_used = models.BooleanField(default=False, editable=False)  # held or confirmed once: its terms are locked

    audience = models.CharField(
        _("Available to users"), max_length=8, choices=Audience.choices, default=Audience.EVERYONE
    )
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="coupons")
    contact_list = TenantForeignKey(
        ContactList, on_delete=models.PROTECT, null=True, blank=True, related_name="coupons"
    )
    for_all_offers = models.BooleanField(_("For all offers that allow coupons"), default=True)
    combines = models.BooleanField(_("Can be used together with other coupons"), default=False)
    comment = models.CharField(_("Comment"), max_length=500, blank=True)

    is_draft = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    made_by = models.CharField(max_length=120, blank=True)  # the automation or import that made it
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[CouponManager] = CouponManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            TenantKey(field="contact_list"),
            models.UniqueConstraint(fields=["school", "token"], name="coupons_coupon_address"),
            models.CheckConstraint(
                condition=Q(kind="percent", percent_bp__gte=100, percent_bp__lte=10_000, amount_minor=None)
                | (Q(kind="fixed", percent_bp=None, maximum_minor=None, amount_minor__gte=1) & ~Q(currency="")),
                name="coupons_coupon_one_size",
            ),
            # A maximum and a minimum are sums of money too.
            models.CheckConstraint(
                condition=Q(maximum_minor=None, minimum_minor=None) | ~Q(currency=""), name="coupons_coupon_sums_named"
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="coupons_coupon_runs_forward",
            ),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(max_uses__gte=1, uses__lte=F("max_uses")), name="coupons_coupon_within"
            ),
            models.CheckConstraint(
                condition=Q(max_uses_per_contact=None) | Q(max_uses_per_contact__gte=1),
                name="coupons_coupon_per_contact",
            ),
            models.CheckConstraint(
                condition=Q(audience="everyone", contact=None, contact_list=None)
                | Q(audience="contact", contact__isnull=False, contact_list=None)
                | Q(audience="list", contact=None, contact_list__isnull=False),
                name="coupons_coupon_one_audience",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "created_at", "id"], name="coupons_coupon_by_time"),
            models.Index(fields=["school", "ends_at", "id"], name="coupons_coupon_by_end"),
            models.Index(
                fields=["school", "contact"], condition=Q(contact__isnull=False), name="coupons_coupon_of_contact"
            ),
            models.Index(
                fields=["school", "contact_list"],
                condition=Q(contact_list__isnull=False),
                name="coupons_coupon_of_list",
            ),
            # The orders of the list (coupons.selectors.lists): ends with "never" last, sizes with percents first.
            models.Index("school", Coalesce("ends_at", Value(FOR_EVER)), "id", name="coupons_coupon_by_last"),
            models.Index(
                "school", Coalesce("percent_bp", F("amount_minor") + SUMS_FROM), "id", name="coupons_coupon_by_size"
            ),
            # Few among many, newest first.
            *(
                models.Index(fields=["school", "created_at", "id"], condition=condition, name=f"coupons_coupon_{name}")
                for name, condition in _FEW.items()
            ),
            models.Index(fields=["school", "created_by", "created_at", "id"], name="coupons_coupon_by_author"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="terms_are_locked",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.is_used AND (NOT NEW.is_used OR "
                    + " OR ".join(f"NEW.{field} IS DISTINCT FROM OLD.{field}" for field in LOCKED_FIELDS)
                    + ")"
                ),
                func="RAISE EXCEPTION 'the terms of a used coupon are locked' USING ERRCODE = 'check_violation';",
            ),
            pgtrigger.Trigger(
                name="used_one_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.is_used"),
                func="RAISE EXCEPTION 'a used coupon is locked' USING ERRCODE = 'check_violation';",
            ),
        ]

    def __str__(self) -> str:
        return f"coupon {self.pk}"


# The code of a used coupon is one of its locked terms, and a used coupon keeps it.
_REFUSE_WHEN_USED = """
    IF EXISTS (
        SELECT FROM coupons_coupon c WHERE (c.school_id, c.id) = (OLD.school_id, OLD.coupon_id) AND c.is_used
    ) THEN
        RAISE EXCEPTION 'the code of a used coupon is locked' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


class CouponCode(TenantModel):
    """A string that invokes a coupon. `code` is shown, `code_key` compared: unique in the school, archived included."""

    coupon = TenantForeignKey(Coupon, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=64)
    code_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="coupon"),
            models.UniqueConstraint(fields=["school", "code_key"], name="coupons_code_once"),
            models.CheckConstraint(
                condition=Q(code_key__regex=r"^[[:alnum:]_-]{2,64}$") & Q(code_key=models.functions.Upper("code_key")),
                name="coupons_code_normalized",
            ),
        ]
        indexes = [models.Index(fields=["school", "coupon"], name="coupons_code_of_coupon")]
        triggers = [
            pgtrigger.Trigger(
                name="used_code_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_REFUSE_WHEN_USED,
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CouponOffer(TenantModel):
    """One of the chosen offers of a coupon; settable from both sides (K19)."""

    coupon = TenantForeignKey(Coupon, on_delete=models.CASCADE, related_name="coupon_offers")
    offer = TenantForeignKey(Offer, on_delete=models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="coupon"),
            TenantKey(field="offer"),
            models.UniqueConstraint(fields=["school", "coupon", "offer"], name="coupons_couponoffer_once"),
        ]
        indexes = [models.Index(fields=["school", "offer"], name="coupons_couponoffer_of_offer")]

    def __str__(self) -> str:
        return f"offer {self.pk}"
