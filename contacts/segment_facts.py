"""What conditions can ask of a contact itself: who it is, what was written about it, where it belongs."""

from typing import Any

from babel import Locale
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language, pgettext_lazy, to_locale
from django.utils.translation import gettext_lazy as _

from contacts.emails import normalize_email
from contacts.models import ContactList, ContactListMember, ContactTag, Tag
from contacts.segments import facts, nesting
from contacts.segments.facts import SegmentFact
from contacts.segments.instants import latest_is
from contacts.segments.language import parse
from contacts.segments.members import NOBODY, condition_of
from contacts.segments.operators import IS, IS_NOT, NO, YES, Kind, Operator, has_or_not
from contacts.segments.own_fields import OwnFields
from contacts.segments.texts import text_is
from schools.forms.choices import languages

_CONTACT = _("Contact")


def register_own() -> None:
    """Register the facts of this app."""
    facts.register(*_written(), *_times(), _tag(), _list(), _news())
    facts.register_family(OwnFields())


def _written() -> list[SegmentFact]:
    return [
        _text("email", _("Email")),
        _text("name", pgettext_lazy("of a person", "Name")),
        _text("phone", _("Phone")),
        SegmentFact(
            key="language",
            label=_("Language"),
            topic=_CONTACT,
            kind=Kind.CHOICE,
            operators=(IS, IS_NOT),
            condition=lambda op, value: _is(op, Q(language=value)),
            choices=languages,
            any_label=_("not known"),
        ),
        SegmentFact(
            key="country",
            label=_("Country"),
            topic=_CONTACT,
            kind=Kind.CHOICE,
            condition=lambda op, value: _is(op, Q(country=value)),
            choices=_countries,
            any_label=_("not known"),
        ),
        _text("external_id", _("External number")),
    ]


def _times() -> list[SegmentFact]:
    return [
        _instant("created", "created_at", _("Added to the contacts")),
        _instant("last_seen", "last_seen_at", _("Last visit")),
    ]


def _text(column: str, label: Any) -> SegmentFact:
    tidy = normalize_email if column == "email" else str
    return SegmentFact(
        key=column,
        label=label,
        topic=_CONTACT,
        kind=Kind.TEXT,
        condition=lambda op, value: text_is(column, op, tidy(value) if op in ("is", "is_not") else value),
    )


def _instant(key: str, column: str, label: Any) -> SegmentFact:
    def condition(op: str, value: Any) -> Q:
        return latest_is(
            op, value, reached=lambda at: Q(**{f"{column}__gte": at}), is_known=Q(**{f"{column}__isnull": False})
        )

    return SegmentFact(key=key, label=label, topic=_CONTACT, kind=Kind.INSTANT, condition=condition)


def _is(op: str, condition: Q) -> Q:
    return condition if op in ("is", "has", "yes") else ~condition


def _countries() -> list[tuple[str, str]]:
    territories = Locale.parse(to_locale(get_language() or "en")).territories
    named = [(code, name) for code, name in territories.items() if len(code) == 2 and code.isalpha() and code != "ZZ"]
    return sorted(named, key=lambda pair: pair[1])


def _tag() -> SegmentFact:
    return SegmentFact(
        key="tag",
        label=_("Tag"),
        topic=_("Tags and lists"),
        kind=Kind.CHOICE,
        operators=has_or_not(_("has"), _("does not have")),
        condition=_has_tag,
        choices=lambda: [(name, name) for name in Tag.objects.order_by("name_key").values_list("name", flat=True)],
        sentences={"has": _("has the tag %(value)s"), "has_not": _("does not have the tag %(value)s")},
    )


def _has_tag(op: str, name: str) -> Q:
    own = ContactTag.objects.filter(contact=OuterRef("pk"), tag__name_key=name.strip().casefold())
    return _is(op, Q(Exists(own)))


def _list() -> SegmentFact:
    return SegmentFact(
        key="list",
        label=_("Contact list"),
        topic=_("Tags and lists"),
        kind=Kind.CHOICE,
        operators=(Operator("has", _("is in"), IS.takes), Operator("has_not", _("is not in"), IS.takes)),
        condition=_in_list,
        choices=lambda: list(
            ContactList.objects.filter(archived_at=None).order_by("name", "pk").values_list("token", "name")
        ),
        sentences={"has": _("is in the list %(value)s"), "has_not": _("is not in the list %(value)s")},
    )


def _in_list(op: str, token: str) -> Q:
    asked = ContactList.objects.filter(token=token, archived_at=None).first()
    if asked is None:
        return _is(op, NOBODY)
    if asked.conditions is None:
        return _is(op, Q(Exists(ContactListMember.objects.filter(contact=OuterRef("pk"), contact_list=asked))))
    if not nesting.may_ask(asked.pk):
        return NOBODY
    with nesting.asking(asked.pk):
        return _is(op, condition_of(parse(asked.conditions)))


def _news() -> SegmentFact:
    unsubscribed, bounced = Q(unsubscribed_at__isnull=False), Q(bounced_at__isnull=False)
    meaning = {
        "yes": ~unsubscribed & ~bounced,
        "no": unsubscribed | bounced,
        "agreed": Q(consented_at__isnull=False) & ~unsubscribed,
        "unsubscribed": unsubscribed,
        "bounced": bounced,
    }
    return SegmentFact(
        key="news",
        label=_("News by mail"),
        topic=_CONTACT,
        kind=Kind.FLAG,
        operators=(
            Operator(YES.key, _("may be sent"), YES.takes),
            Operator(NO.key, _("may not be sent"), NO.takes),
            Operator("agreed", _("were agreed to"), YES.takes),
            Operator("unsubscribed", _("were unsubscribed from"), YES.takes),
            Operator("bounced", _("did not arrive: the address refuses mail"), YES.takes),
        ),
        condition=lambda op, value: meaning[op],
    )
