"""How long a purchase opens its courses, as people say it."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import AccessWindow
from kwiga.templatetags.instants import short_date, zoned_end, zoned_instant


def access_in_words(window: AccessWindow) -> str:
    """One phrase in the current language and zone: "for 30 days from the purchase", "until Dec 31, 2026"."""
    length, starts, ends = _length(window), _start(window), zoned_end(window.closes_at) if window.closes_at else ""
    if starts:
        return _from(starts, length, ends)
    if length and ends:
        return _("for %(length)s from the purchase, at most until %(end)s") % {"length": length, "end": ends}
    if length:
        return _("for %(length)s from the purchase") % {"length": length}
    return _("until %(end)s") % {"end": ends} if ends else _("for ever")


def _from(starts: str, length: str, ends: str) -> str:
    words = {"start": starts, "length": length, "end": ends}
    if length and ends:
        return _("from %(start)s for %(length)s, at most until %(end)s") % words
    if length:
        return _("from %(start)s for %(length)s") % words
    return _("from %(start)s until %(end)s") % words if ends else _("from %(start)s, for ever") % words


def _length(window: AccessWindow) -> str:
    count = window.open_for
    if not count:
        return ""
    if window.open_for_unit == AccessWindow.Unit.DAYS:
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    return ngettext("%(count)s month", "%(count)s months", count) % {"count": count}


def _start(window: AccessWindow) -> str:
    if window.opens_at is None:
        return ""
    local = timezone.localtime(window.opens_at)
    return short_date(window.opens_at) if (local.hour, local.minute) == (0, 0) else zoned_instant(window.opens_at)
