"""What the policy linter (pgrls) is told to accept, table by table, each with the reason: the content of pgrls.toml.

Only what our own constraints and history triggers make is on the list, so a policy or trigger written by hand is still
reported.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps

from schools.tenancy.constraints import APP, OPS, RELAY, DirectoryPolicy, TenantPolicy
from schools.tenancy.tables import DIRECTORY_TABLES, PLATFORM_TABLES

_HEAD = """\
# What `pgrls lint` may find and why that is meant. Written by `manage.py policy_exceptions`; a test compares.
# Everything else it finds, down to a hint, fails `bin/check`.

[database]
schemas = ["public"]

[lint]
fail_on = "info"
"""
_OPS_READS = f"{OPS} makes backups and checks invariants of all schools; it may only read"
_RELAY = f"{RELAY} finds and claims due work of all schools; it has no other table"
_EVERYONE = f"{APP} asks which school a host belongs to before it knows the school"
_TRIGGER = "writes the row's history as the caller, so under the caller's policies; no function here is a definer's"


@dataclass(frozen=True)
class Accepted:
    """One finding of a rule that is meant."""

    rule: str
    name: str
    reason: str


def pgrls_toml() -> str:
    """The whole file."""
    accepted = sorted({*_tables(), *_policies(), *_triggers()}, key=lambda one: (one.rule, one.name))
    rules = dict.fromkeys(one.rule for one in accepted)
    return _HEAD + "".join(_section(rule, [one for one in accepted if one.rule == rule]) for rule in rules)


def _section(rule: str, accepted: Iterable[Accepted]) -> str:
    lines = "".join(f'  "{one.name}", # {one.reason}\n' for one in accepted)
    return f"\n[lint.rules.{rule}]\nallowlist = [\n{lines}]\n"


def _tables() -> Iterator[Accepted]:
    for table, reason in PLATFORM_TABLES.items():
        if table not in DIRECTORY_TABLES:
            yield Accepted("SEC001", f"public.{table}", reason)
    for table in DIRECTORY_TABLES:
        yield Accepted("SEC007", f"public.{table}", "a directory is read before a school is known, so it has no floor")
    yield Accepted("SEC027", "public.schools_memberevent", "the history of the team belongs to the school")
    yield Accepted("SEC035", "public.schools_domain", "a host belongs to one school, and anybody can look it up")


def _policies() -> Iterator[Accepted]:
    """Policies that look at no column: reading roles, and the directory of hosts."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            yield from _of_constraint(f"public.{model._meta.db_table}", constraint)


def _of_constraint(table: str, constraint: Any) -> Iterator[Accepted]:
    if isinstance(constraint, TenantPolicy | DirectoryPolicy):
        yield from _open(f"{table}.ops_reads", _OPS_READS)
    if isinstance(constraint, TenantPolicy) and constraint.relay:
        yield from _open(f"{table}.relay_reads", _RELAY)
        for rule in ("SEC005", "SEC008", "SEC028"):
            yield Accepted(rule, f"{table}.relay_claims", _RELAY)
    if isinstance(constraint, DirectoryPolicy) and constraint.reads == "everyone":
        yield from _open(f"{table}.directory_reads", _EVERYONE)


def _open(policy: str, reason: str) -> Iterator[Accepted]:
    for rule in ("SEC005", "SEC008", "SEC038"):
        yield Accepted(rule, policy, reason)


def _triggers() -> Iterator[Accepted]:
    for model, trigger in pgtrigger.registered():
        table = model._meta.db_table
        if table not in PLATFORM_TABLES or table in DIRECTORY_TABLES:
            yield Accepted("SEC013", f"public.{table}.{trigger.get_pgid(model)}", _TRIGGER)
