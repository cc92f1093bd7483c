"""The kinds of rows, and the sets of roles.

The sets of roles repeat what schools/roles.py says on purpose: a change there has to be meant here as well.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.tenancy.world import World

OWNER = frozenset({"owner"})
BOSSES = OWNER | {"admin"}
EDITORS = BOSSES | {"sales", "marketing"}
TEACHERS = BOSSES | {"teacher"}
SELLERS = BOSSES | {"sales"}
HELPERS = BOSSES | {"support"}
READERS = HELPERS | {"read_only"}
ORDER_READERS = SELLERS | {"support", "read_only"}
CONTACT_READERS = ORDER_READERS | {"marketing"}
COUPON_READERS = CONTACT_READERS
AUTOMATION_READERS = CONTACT_READERS
AUTOMATORS = BOSSES | {"marketing"}
CONTACT_EDITORS = SELLERS | {"support"}
ALL = EDITORS | HELPERS | {"teacher", "read_only"}


@dataclass(frozen=True)
class Staff:
    """A page under /<school>/: the roles it lets in, and the objects in its address."""

    roles: frozenset[str]
    args: Callable[[World], list[object]] = lambda world: []
    data: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Guest:
    """A page under /<school>/ for people who are no members yet, opened by the secret in its address."""

    args: Callable[[World], list[object]]


@dataclass(frozen=True)
class SignedIn:
    """A page of the platform for anybody with an account."""

    args: tuple[object, ...] = ()


@dataclass(frozen=True)
class Student:
    """A page of a school's site for who signed in there; an object in its address is the student's own."""

    args: Callable[[World], list[object]] = lambda world: []


@dataclass(frozen=True)
class Public:
    """A page for everybody."""

    args: Callable[[World], list[object]] = lambda world: []
