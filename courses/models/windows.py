"""From when and until when something is open."""

from datetime import UTC, datetime, tzinfo

from dateutil.relativedelta import relativedelta
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AccessWindow(models.Model):
    """How long a purchase opens its courses: from the purchase or a date, for ever, for a length or until a date.

    Half-open `[start, end)`. When both a length and a date are set, the earlier end counts.
    """

    class Unit(models.TextChoices):
        DAYS = "days", _("days")
        MONTHS = "months", _("months")

    opens_at = models.DateTimeField(_("Opens on"), null=True, blank=True)
    closes_at = models.DateTimeField(_("Closes on"), null=True, blank=True)
    open_for = models.PositiveSmallIntegerField(_("Open for"), null=True, blank=True)
    open_for_unit = models.CharField(max_length=6, choices=Unit.choices, default=Unit.DAYS)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=models.F("opens_at")),
                name="%(app_label)s_%(class)s_window_runs_forward",
            ),
            models.CheckConstraint(
                condition=Q(open_for=None) | Q(open_for__gte=1), name="%(app_label)s_%(class)s_window_has_length"
            ),
        ]

    def window_from(self, bought_at: datetime, zone: tzinfo | None = None) -> tuple[datetime, datetime | None]:
        """Start and end (None: for ever) for somebody who buys at that instant.

        A length is counted as people do, on the calendar and clock of `zone`, the school's unless told: bought at
        10:00, thirty days end at 10:00 thirty days later, whether the clocks were changed meanwhile or not; a month
        from 31 January ends on the last day of February.
        """
        start = max(self.opens_at, bought_at) if self.opens_at else bought_at
        ends = [self.closes_at] if self.closes_at else []
        if self.open_for:
            zone = zone or self.school.time_zone  # type: ignore[attr-defined]  # every row with a window has a school
            ends.append(_later(start, zone, self._length()))
        return start, min(ends, default=None)

    def _length(self) -> relativedelta:
        if self.open_for_unit == self.Unit.DAYS:
            return relativedelta(days=self.open_for or 0)
        return relativedelta(months=self.open_for or 0)


def _later(start: datetime, zone: tzinfo, length: relativedelta) -> datetime:
    there = start.astimezone(zone).replace(tzinfo=None) + length
    return there.replace(tzinfo=zone).astimezone(UTC)
