"""Verbs of a school itself."""

from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock, sites
from schools.journal import record_event
from schools.models import Domain, Member, School, User
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
def change_school(*, school: School, facts: SchoolFacts, actor: User | None) -> School:
    """Write new facts about the open scope's school; the journal names the fields that differ. No change, no event."""
    locked = School.objects.select_for_update().get(pk=school.pk)
    changed = [name for name, value in asdict(facts).items() if str(getattr(locked, name)) != value]
    if changed:
        for name in changed:
            setattr(locked, name, getattr(facts, name))
        locked.save(update_fields=changed)
        record_event("school.changed", subject=locked, actor=actor, data={"fields": sorted(changed)})
    return locked
