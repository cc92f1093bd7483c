"""Verbs of incoming hooks."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from automations.models import IncomingHook
from contacts.models import ContactList
from kwiga import clock
from kwiga.errors import DomainError
from kwiga.tokens import secret_token
from schools.journal import record_event
from schools.models import School, User
from schools.sites import site_url
from schools.tenancy.scope import current_school_id

MOST_HOOKS = 100


class HookRefused(DomainError):
    """The hook cannot be added or changed."""


@dataclass(frozen=True, kw_only=True)
class HookFacts:
    """What the form says."""

    name: str
    contact_list: ContactList | None = None


@transaction.atomic
def add_hook(*, facts: HookFacts, actor: User | None) -> IncomingHook:
    """A new address. Raises HookRefused when there are a hundred already."""
    if IncomingHook.objects.filter(archived_at=None).count() >= MOST_HOOKS:
        raise HookRefused(_("A school has at most 100 hooks. Archive one first."))
    hook = IncomingHook.objects.create(school_id=current_school_id(), name=facts.name, contact_list=facts.contact_list)
    record_event("hook.created", subject=hook, actor=actor)
    return hook


@transaction.atomic
def change_hook(*, hook: IncomingHook, facts: HookFacts, actor: User | None) -> IncomingHook:
    """Another name or list. Raises HookRefused for an archived one."""
    locked = _locked(hook)
    locked.name, locked.contact_list = facts.name, facts.contact_list
    locked.save(update_fields=["name", "contact_list"])
    record_event("hook.changed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def rotate_hook(*, hook: IncomingHook, actor: User | None) -> IncomingHook:
    """Another address; the old one is unknown from now on. Raises HookRefused for an archived one."""
    locked = _locked(hook)
    locked.secret = secret_token()
    locked.save(update_fields=["secret"])
    record_event("hook.rotated", subject=locked, actor=actor)
    return locked


@transaction.atomic
def archive_hook(*, hook: IncomingHook, actor: User | None) -> IncomingHook:
    """Close the address for good. Raises HookRefused when it is closed already."""
    locked = _locked(hook)
    locked.archived_at = clock.now()
    locked.save(update_fields=["archived_at"])
    record_event("hook.archived", subject=locked, actor=actor)
    return locked


def hook_url(school: School, hook: IncomingHook) -> str:
    """The absolute address that other systems call."""
    return site_url(school, "incoming_hook", hook.secret)


def hook_of_secret(secret: str) -> IncomingHook | None:
    """The open hook at an address of the open scope's school."""
    return IncomingHook.objects.filter(secret=secret, archived_at=None).first()


def _locked(hook: IncomingHook) -> IncomingHook:
    locked = IncomingHook.objects.select_for_update(of=("self",)).get(pk=hook.pk)
    if locked.archived_at:
        raise HookRefused(_("This address is archived."))
    return locked
