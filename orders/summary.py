"""What an order made by hand will do, in plain sentences, while it is being filled in."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import AccessWindow
from kwiga.money import format_money
from kwiga.templatetags.instants import short_instant
from orders.forms.manual import ManualOrderForm


def summary_of(form: ManualOrderForm) -> list[str]:
    """The sentences, as far as what is filled in so far allows; `form` has been validated, rightly filled or not."""
    return [*_what(form), _price(form), _window(form), *_mail(form)]


def _what(form: ManualOrderForm) -> Iterator[str]:
    data = form.cleaned_data
    person = data.get("person") or data.get("name") or data.get("email") or _("Somebody")
    offer = form.offer_chosen()
    title = offer.title if offer else data.get("title")
    if title:
        yield _("%(person)s gets “%(title)s”.") % {"person": person, "title": title}
    else:
        yield _("%(person)s gets what you choose here.") % {"person": person}
    if data.get("what") == "own":
        count = len(form.parts_chosen())
        text = ngettext(
            "It opens %(count)d thing that you ticked.", "It opens %(count)d things that you ticked.", count
        )
        yield text % {"count": count}


def _price(form: ManualOrderForm) -> str:
    data = form.cleaned_data
    price_minor, currency = data.get("price_minor", 0), data.get("currency", "")
    if not price_minor or not currency:
        return _("It costs nothing, so it is open at once.")
    days = data.get("valid_for") or 7
    facts = {"sum": format_money(price_minor, currency), "days": days}
    return _("It costs %(sum)s, by a pay link that works for %(days)d days; it opens when it is paid.") % facts


def _window(form: ManualOrderForm) -> str:
    window = form.window_chosen() or form.offer_chosen()
    if window is None:
        return _("It stays open as long as the offer says.")
    return _spoken(window)


def _spoken(window: AccessWindow) -> str:
    if window.open_for:
        by_days = window.open_for_unit == "days"
        days = ngettext("It stays open for %(count)d day.", "It stays open for %(count)d days.", window.open_for)
        months = ngettext("It stays open for %(count)d month.", "It stays open for %(count)d months.", window.open_for)
        return (days if by_days else months) % {"count": window.open_for}
    if window.closes_at:
        facts = {"end": short_instant(window.closes_at), "zone": timezone.get_current_timezone_name()}
        return _("It stays open until %(end)s (%(zone)s).") % facts
    return _("It stays open for ever.")


def _mail(form: ManualOrderForm) -> Iterator[str]:
    if form.cleaned_data.get("send_mail"):
        yield _("A mail tells them about it.")
    else:
        yield _("No mail is sent.")
