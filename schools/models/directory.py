"""Which school? The tables that answer it before any row of a school is read."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from timezone_field import TimeZoneField

from kwiga import clock
from kwiga.money import CURRENCIES
from schools.roles import Role
from schools.tenancy.constraints import DirectoryPolicy
from schools.tenancy.history import school_history


class AfterSignIn(models.TextChoices):
    COURSES = "courses", _("their courses")
    LATEST = "latest", _("the lesson they stopped at")
    STORE = "store", _("the store")


class School(models.Model):
    """A tenant: public facts only. Everything else it owns is a `TenantModel`."""

    slug = models.SlugField(
        _("Address"), max_length=40, unique=True, error_messages={"unique": _("This address is taken.")}
    )
    name = models.CharField(pgettext_lazy("of a school", "Name"), max_length=120)
    currency = models.CharField(_("Currency"), max_length=3, choices=[(code, code) for code in CURRENCIES])
    time_zone = TimeZoneField(_("Time zone"), default="Europe/Kyiv")
    language = models.CharField(_("Language"), max_length=5, choices=settings.LANGUAGES, default="en")
    legal_name = models.CharField(_("Legal name"), max_length=200, blank=True)
    address = models.TextField(_("Postal address"), max_length=500, blank=True)
    contact_email = models.EmailField(_("Email for students"), blank=True)
    contact_phone = models.CharField(_("Phone for students"), max_length=40, blank=True)
    sender_name = models.CharField(_("Sender of mails"), max_length=64, blank=True)
    tax_note = models.CharField(_("Tax note on receipts"), max_length=200, blank=True)
    order_expiry_days = models.PositiveSmallIntegerField(_("Days until an unpaid order expires"), default=7)
    store_is_open = models.BooleanField(_("Show the course store"), default=True)
    store_title = models.CharField(_("Title of the store"), max_length=120, blank=True)
    store_text = models.TextField(_("Text above the store"), max_length=1_000, blank=True)
    after_sign_in = models.CharField(
        _("After signing in, students see"), max_length=10, choices=AfterSignIn.choices, default=AfterSignIn.COURSES
    )
    # No news between these times of the school's zone; both or neither.
    quiet_from = models.TimeField(_("No news from"), null=True, blank=True)
    quiet_until = models.TimeField(_("No news until"), null=True, blank=True)
    news_a_contact_a_day = models.PositiveSmallIntegerField(_("News to one contact in a day"), default=3)
    news_a_day = models.PositiveIntegerField(_("News in a day"), default=10_000)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(slug__regex=r"^[a-z0-9](-?[a-z0-9])*$"), name="school_slug_shape"
            ),
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="school_currency_shape"),
            models.CheckConstraint(
                condition=models.Q(order_expiry_days__gte=1, order_expiry_days__lte=90),
                name="school_order_expiry_in_reach",
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="school_quiet_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@school_history
class Domain(models.Model):
    """A host of a school. The school of a request comes from this table alone."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="domains", db_index=False)
    host = models.CharField(_("Host"), max_length=253, unique=True)
    is_primary = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            DirectoryPolicy(name="schools_domain_directory", reads="everyone"),
            models.UniqueConstraint(fields=["school", "id"], name="schools_domain_in_school"),
            models.UniqueConstraint(
                fields=["school"], condition=models.Q(is_primary=True), name="schools_domain_one_primary"
            ),
            models.CheckConstraint(condition=models.Q(host__regex=r"^[a-z0-9.:-]+[a-z0-9]$"), name="domain_host_shape"),
        ]

    def __str__(self) -> str:
        return self.host


@school_history
class Member(models.Model):
    """One person's role in one school."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("Role"), max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            DirectoryPolicy(name="schools_member_directory", reads="own"),
            models.UniqueConstraint(fields=["school", "id"], name="schools_member_in_school"),
            models.UniqueConstraint(fields=["school", "user"], name="schools_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
