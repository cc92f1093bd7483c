"""Verbs of a school itself."""

from dataclasses import asdict, dataclass
from datetime import time

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock, sites
from schools.journal import record_event
from schools.models import AfterSignIn, Domain, Member, School, User
from schools.roles import Role
from schools.slugs import SlugRefused, check_slug
from schools.tenancy.scope import school_scope


@dataclass(frozen=True, kw_only=True)
class SchoolFacts:
    """What the settings page holds: everything about a school but its address."""

    name: str
    legal_name: str
    address: str
    contact_email: str
    contact_phone: str
    currency: str
    time_zone: str
    language: str
    sender_name: str = ""
    tax_note: str = ""
    order_expiry_days: int = 7
    store_is_open: bool = True
    store_title: str = ""
    store_text: str = ""
    after_sign_in: str = AfterSignIn.COURSES


@dataclass(frozen=True, kw_only=True)
class SendingFacts:
    """When and how much news go out. Quiet hours are times of the school's zone, both or neither."""

    quiet_from: time | None
    quiet_until: time | None
    news_a_contact_a_day: int
    news_a_day: int


@transaction.atomic
def create_school(*, owner: User, name: str, slug: str, currency: str, time_zone: str, language: str) -> School:
    """A school at `slug` with its own host, and `owner` as its first member.

    Opens the new school's scope itself. Raises SlugRefused for an address that is malformed, reserved or taken, also
    when somebody takes it in the same moment.
    """
    check_slug(slug)
    school = School(slug=slug, name=name, currency=currency, time_zone=time_zone, language=language)
    try:
        with transaction.atomic():
            school.save(force_insert=True)
            with school_scope(school):
                host = sites.site_host(slug)
                Domain.objects.create(school=school, host=host, is_primary=True, verified_at=clock.now())
    except IntegrityError as error:
        raise SlugRefused(_("This address is taken. Choose another one.")) from error
    with school_scope(school):
        Member.objects.create(school=school, user=owner, role=Role.OWNER)
        record_event("school.created", subject=school, actor=owner)
    return school


@transaction.atomic
def change_school(*, school: School, facts: SchoolFacts | SendingFacts, actor: User | None) -> School:
    """Write new facts about the open scope's school; the journal names the fields that differ. No change, no event."""
    locked = School.objects.select_for_update().get(pk=school.pk)
    changed = [name for name, value in asdict(facts).items() if str(getattr(locked, name)) != str(value)]
    if changed:
        for name in changed:
            setattr(locked, name, getattr(facts, name))
        locked.save(update_fields=changed)
        record_event("school.changed", subject=locked, actor=actor, data={"fields": sorted(changed)})
    return locked


@transaction.atomic
def move_school(*, school: School, slug: str, actor: User | None) -> School:
    """Give the open scope's school another address. The old host stays its own and leads visitors to the new one.

    The same address again changes nothing. Raises SlugRefused for one that is malformed, reserved or another school's.
    """
    check_slug(slug)
    locked = School.objects.select_for_update().get(pk=school.pk)
    if locked.slug == slug:
        return locked
    before, locked.slug = locked.slug, slug
    try:
        with transaction.atomic():
            locked.save(update_fields=["slug"])
            _take_host(locked, before)
    except IntegrityError as error:
        raise SlugRefused(_("This address is taken. Choose another one.")) from error
    record_event("school.moved", subject=locked, actor=actor, data={"from": before, "to": slug})
    return locked


def _take_host(school: School, before: str) -> None:
    """The host of the new address, one the school had earlier included; primary when the old address was."""
    own = Domain.objects.filter(school=school)
    was_primary = own.filter(host=sites.site_host(before), is_primary=True).update(is_primary=False)
    host = sites.site_host(school.slug)
    if not own.filter(host=host).update(is_primary=bool(was_primary)):
        Domain.objects.create(school=school, host=host, is_primary=bool(was_primary), verified_at=clock.now())
