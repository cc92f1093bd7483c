"""What is sold."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import AccessWindow, Course, Lesson, Module
from kwiga import clock
from kwiga.money import CURRENCIES
from kwiga.tokens import address_token
from schools.models import StoredFile
from schools.tenancy.constraints import TenantKey
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantForeignKey, TenantManager, TenantModel


class OfferQuerySet(models.QuerySet["Offer"]):
    def published(self) -> "OfferQuerySet":
        return self.filter(status=Offer.Status.PUBLISHED)

    def listed(self) -> "OfferQuerySet":
        """Those the store shows; the others are reached by their link alone."""
        return self.published().filter(is_listed=True)

    def newest_first(self) -> "OfferQuerySet":
        return self.order_by("-created_at", "-id")


OfferManager = TenantManager.from_queryset(OfferQuerySet)


@school_history
class Offer(AccessWindow, TenantModel):
    """A priced way to get courses. Change it only through `offers.services`.

    `seats_taken` counts held and sold seats of an offer with `seats`; orders raise it by one conditional UPDATE.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    class Phone(models.TextChoices):
        NOT_ASKED = "no", _("not asked")
        OPTIONAL = "optional", _("optional")
        REQUIRED = "required", _("required")

    token = models.CharField(max_length=12, default=address_token, editable=False)
    title = models.CharField(_("Title"), max_length=160)
    summary = models.CharField(_("Short text"), max_length=300, blank=True)
    description = models.TextField(_("Description"), max_length=20_000, blank=True)  # cleaned HTML
    cover = TenantForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(_("Category"), max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    is_listed = models.BooleanField(_("Show in the store"), default=True)
    position = models.PositiveIntegerField(_("Order among the plans"), default=0)
    is_highlighted = models.BooleanField(_("Highlight among the plans"), default=False)
    difference = models.TextField(_("What this plan gives"), max_length=1_000, blank=True)  # a line each

    price_minor = models.PositiveBigIntegerField(_("Price"))
    currency = models.CharField(_("Currency"), max_length=3, choices=[(code, code) for code in CURRENCIES])
    promo_price_minor = models.PositiveBigIntegerField(_("Promo price"), null=True, blank=True)
    promo_starts_at = models.DateTimeField(_("Promo from"), null=True, blank=True)
    promo_ends_at = models.DateTimeField(_("Promo until"), null=True, blank=True)
    allows_coupons = models.BooleanField(_("Coupons can be used"), default=True)
    coupon_on_promo = models.BooleanField(_("A coupon also lowers the promo price"), default=False)

    sales_start_at = models.DateTimeField(_("On sale from"), null=True, blank=True)
    sales_end_at = models.DateTimeField(_("On sale until"), null=True, blank=True)
    seats = models.PositiveIntegerField(_("Seats"), null=True, blank=True)
    seats_taken = models.PositiveIntegerField(default=0, editable=False)
    once_per_contact = models.BooleanField(_("Once per person"), default=False)

    language = models.CharField(_("Language"), max_length=5, choices=settings.LANGUAGES, blank=True)
    guest_checkout = models.BooleanField(_("Pay without signing in"), default=True)
    phone = models.CharField(_("Phone"), max_length=10, choices=Phone.choices, default=Phone.NOT_ASKED)
    thank_you_text = models.TextField(_("Text after the purchase"), max_length=2_000, blank=True)
    thank_you_url = models.URLField(_("Page after the purchase"), max_length=500, blank=True)

    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[OfferManager] = OfferManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            *AccessWindow.Meta.constraints,
            TenantKey(field="cover"),
            models.UniqueConstraint(fields=["school", "token"], name="offers_offer_address"),
            models.CheckConstraint(condition=Q(price_minor__lte=10**13), name="offers_offer_price_in_reach"),
            models.CheckConstraint(
                condition=Q(promo_price_minor=None) | Q(promo_price_minor__lt=F("price_minor")),
                name="offers_offer_promo_is_lower",
            ),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats_taken__lte=F("seats")), name="offers_offer_seats_hold"
            ),
        ]
        indexes = [models.Index(fields=["school", "created_at", "id"], name="offers_offer_by_time")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    def promo_runs(self, at: datetime) -> bool:
        """Whether the promo price counts at that instant (K18); half-open, an empty end is open."""
        started = self.promo_starts_at is None or self.promo_starts_at <= at
        return (
            self.promo_price_minor is not None and started and (self.promo_ends_at is None or at < self.promo_ends_at)
        )

    def price_at(self, at: datetime) -> int:
        """The price in minor units at that instant, before any coupon."""
        if self.promo_price_minor is not None and self.promo_runs(at):
            return self.promo_price_minor
        return self.price_minor

    def is_sold_out(self) -> bool:
        return self.seats is not None and self.seats_taken >= self.seats


class OfferItem(TenantModel):
    """What an offer opens: a whole course, or one module or lesson of it."""

    offer = TenantForeignKey(Offer, on_delete=models.CASCADE, related_name="items")
    course = TenantForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    module = TenantForeignKey(Module, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lesson = TenantForeignKey(Lesson, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="offer"),
            TenantKey(field="course"),
            TenantKey(field="module"),
            TenantKey(field="lesson"),
            models.UniqueConstraint(
                fields=["school", "offer", "course", "module", "lesson"],
                name="offers_offeritem_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(module=None) | Q(lesson=None), name="offers_offeritem_one_thing"),
        ]
        indexes = [models.Index(fields=["school", "course"], name="offers_offeritem_of_course")]

    def __str__(self) -> str:
        return f"item {self.pk}"


class OfferQuestion(TenantModel):
    """A question of the school at the checkout; the answer is kept on the order."""

    offer = TenantForeignKey(Offer, on_delete=models.CASCADE, related_name="questions")
    label = models.CharField(_("Question"), max_length=160)
    is_required = models.BooleanField(_("Must be answered"), default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [*TenantModel.Meta.constraints, TenantKey(field="offer")]
        indexes = [models.Index(fields=["school", "offer", "position", "id"], name="offers_question_in_order")]

    def __str__(self) -> str:
        return self.label
