"""The step that makes a personal coupon (P3, C06, C37)."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from automations import reasons
from automations.actions.registry import Action, Outcome, StepFailed
from automations.calendar import at_time, days_later, school_zone
from automations.models import Run, RunStep, Step
from coupons.codes import ALPHABET, CodeRefused, code_key, suggest_code
from coupons.models import Coupon
from coupons.services.coupons import CouponTerms, create_coupon
from coupons.services.errors import CodeTaken, TermsRefused
from coupons.wording import percent_text
from kwiga import clock
from kwiga.money import format_money
from offers.models import Offer
from schools.journal import caused_by, record_event
from schools.models import OutboxRow
from schools.outbox.effects import TransactionalEffect
from schools.outbox.queue import enqueue

ACTIVATION = "coupon_activation"
TRIES = 20
# Fewer possible codes than this run out, or are found by trying them (P3.4).
FEWEST_CODES = 1_000_000
_MIDNIGHT = datetime.min.time()


class CouponAction(Action):
    """Makes a coupon for the contact; later steps know it as `coupon.code`."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """One coupon for this step of this run, whatever happens. Raises StepFailed."""
        coupon = _make(terms_for(run, step.settings), step.settings)
        run_step.coupon = coupon
        facts = _facts(run, coupon)
        record_event("coupon.rewarded", subject=coupon, data=facts)
        if coupon.starts_at and coupon.starts_at > clock.now():
            enqueue(
                ACTIVATION,
                dedupe_key=f"coupon:{coupon.pk}",
                payload={"coupon": coupon.pk, "run": run.pk, "facts": facts},
                available_at=coupon.starts_at,
            )
        return Outcome(data={"coupon": coupon.pk})

    def problems(self, step: Step) -> Iterable[str]:
        """A code that can be made, a size, and a time that is not over."""
        said = step.settings
        if said.get("code") == "pattern":
            yield from pattern_problems(said.get("pattern", ""))
        yield from _size_problems(said)
        until = _until(said) if said.get("valid") == "until" else None
        if said.get("valid") == "until" and (until is None or until <= clock.now()):
            yield _("Choose until when the coupon is valid, in the time to come.")
        if said.get("offers") == "chosen":
            tokens = set(said.get("offer_tokens") or [])
            if not tokens:
                yield _("Choose the offers of the coupon.")
            elif Offer.objects.filter(token__in=tokens).count() < len(tokens):
                yield _("An offer of the coupon has been deleted.")

    def sentence(self, step: Step) -> str:
        """Its size, for whom, and how long."""
        said = step.settings
        size = _size(said)
        if said.get("personal", True):
            words = _("Create a personal coupon of %(size)s, %(valid)s")
        else:
            words = _("Create a coupon of %(size)s, %(valid)s")
        return words % {"size": size, "valid": _valid(said)}


class ActivationEffect(TransactionalEffect):
    """Says that a coupon can be used from now on (C37)."""

    label = gettext_lazy("Start of a rewarded coupon")

    def apply(self, row: OutboxRow) -> None:
        """Tell it, unless the coupon was put away or begins at another time now; its run is what caused it."""
        live = Coupon.objects.filter(is_draft=False, ended_at=None, archived_at=None, starts_at__lte=clock.now())
        if coupon := live.filter(pk=row.payload["coupon"]).first():
            run = Run.objects.get(pk=row.payload["run"])
            with caused_by(run.pk):
                # The contact may be another one by now, after a merge.
                facts = row.payload["facts"] | {"contact": run.contact_id}
                record_event("coupon.activated", subject=coupon, data=facts)


def terms_for(run: Run, said: dict[str, Any]) -> CouponTerms:
    """What the coupon of this run says; its code is still to be found. Raises StepFailed."""
    is_percent = said.get("size", "percent") == "percent"
    is_personal = said.get("personal", True)
    starts_at = _starts_at(said)
    return CouponTerms(
        code="",
        kind=Coupon.Kind.PERCENT if is_percent else Coupon.Kind.FIXED,
        percent_bp=said.get("percent_bp") if is_percent else None,
        amount_minor=None if is_percent else said.get("amount_minor"),
        currency=said.get("currency") or "" if not is_percent or said.get("maximum_minor") else "",
        maximum_minor=said.get("maximum_minor") if is_percent else None,
        starts_at=starts_at,
        ends_at=_ends_at(said, starts_at or clock.now()),
        max_uses=said.get("max_uses", 1),
        max_uses_per_contact=said.get("max_uses_per_contact", 1),
        audience=Coupon.Audience.CONTACT if is_personal else Coupon.Audience.EVERYONE,
        contact_id=run.contact_id if is_personal else None,
        for_all_offers=said.get("offers", "all") == "all",
        offer_ids=_offer_ids(run, said),
        comment=(said.get("comment") or "")[:500],
        made_by=run.automation.name[:120],
    )


def possible_codes(pattern: str) -> int:
    """How many codes a pattern can make: each `#` is one of 31 signs."""
    return int(len(ALPHABET) ** pattern.count("#"))


def code_for(said: dict[str, Any]) -> str:
    """A code as the step makes them; it may be taken."""
    return code_from(said.get("pattern", "")) if said.get("code") == "pattern" else suggest_code()


def code_from(pattern: str) -> str:
    """A code of the pattern, each `#` drawn by chance."""
    return "".join(secrets.choice(ALPHABET) if sign == "#" else sign for sign in pattern)


def _make(terms: CouponTerms, said: dict[str, Any]) -> Coupon:
    for _try in range(TRIES):
        try:
            return create_coupon(terms=_with_code(terms, code_for(said)), actor=None)
        except CodeTaken:
            continue
        except TermsRefused as error:
            raise StepFailed(reasons.BAD_COUPON) from error
    raise StepFailed(reasons.NO_FREE_CODE)


def _with_code(terms: CouponTerms, code: str) -> CouponTerms:
    return CouponTerms(**(vars(terms) | {"code": code}))


def _starts_at(said: dict[str, Any]) -> datetime | None:
    days = said.get("starts_after_days") or 0
    return days_later(clock.now(), days, school_zone()) if days else None


def _ends_at(said: dict[str, Any], start: datetime) -> datetime | None:
    if said.get("valid") == "days":
        return days_later(start, said.get("valid_days") or 1, school_zone())
    if said.get("valid") != "until":
        return None
    until = _until(said)
    if until is None or until <= start:
        raise StepFailed(reasons.COUPON_OVER)
    return until


def _until(said: dict[str, Any]) -> datetime | None:
    """The end that was written: an instant, a time of the school's zone, or a day, which ends with that day."""
    text = str(said.get("valid_until") or "")
    zone = school_zone()
    try:
        if len(text) == 10:
            return at_time(date.fromisoformat(text) + timedelta(days=1), _MIDNIGHT, zone)
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def _offer_ids(run: Run, said: dict[str, Any]) -> tuple[int, ...]:
    if said.get("offers") == "event":
        if run.offer_id is None:
            raise StepFailed(reasons.NO_OFFER)
        return (run.offer_id,)
    if said.get("offers") != "chosen":
        return ()
    tokens = set(said.get("offer_tokens") or [])
    found = tuple(Offer.objects.filter(token__in=tokens).order_by("pk").values_list("pk", flat=True))
    if not found or len(found) < len(tokens):
        raise StepFailed(reasons.OBJECT_GONE)
    return found


def _facts(run: Run, coupon: Coupon) -> dict[str, Any]:
    window = {"starts_at": coupon.starts_at, "ends_at": coupon.ends_at}
    instants = {name: instant.isoformat() if instant else None for name, instant in window.items()}
    return {"contact": run.contact_id, "automation": run.automation_id, **instants}


def pattern_problems(pattern: str) -> Iterable[str]:
    """Why a pattern cannot be used: no code, or too few of them, with their number (P3.4)."""
    try:
        code_key(pattern.replace("#", "2"))
    except CodeRefused as error:
        yield str(error.message)
        return
    count = possible_codes(pattern)
    if count < FEWEST_CODES:
        words = ngettext(
            "The pattern makes only %(count)s code. Add more “#”.",
            "The pattern makes only %(count)s codes. Add more “#”.",
            count,
        )
        yield words % {"count": f"{count:,}".replace(",", " ")}


def _size_problems(said: dict[str, Any]) -> Iterable[str]:
    if said.get("size", "percent") == "percent":
        percent = said.get("percent_bp")
        if not isinstance(percent, int) or not 100 <= percent <= 10_000:
            yield _("Enter a percentage from 1 to 100.")
    elif not said.get("amount_minor") or not said.get("currency"):
        yield _("Enter a sum above zero.")


def _size(said: dict[str, Any]) -> str:
    if said.get("size", "percent") == "percent":
        return percent_text(said.get("percent_bp") or 0)
    return format_money(said.get("amount_minor") or 0, said.get("currency") or "EUR")


def _valid(said: dict[str, Any]) -> str:
    if said.get("valid") == "days":
        days = said.get("valid_days") or 1
        return ngettext("valid for %(days)d day", "valid for %(days)d days", days) % {"days": days}
    if said.get("valid") == "until" and (until := _until(said)):
        from kwiga.templatetags.instants import short_end

        return _("valid until %(end)s") % {"end": short_end(until)}
    return _("valid for ever")
