"""`python -m kwiga.local setup`: what a deployment does before web and worker start, as often as it likes.

It makes the three roles with the passwords of their addresses, and migrates. `ADMIN_DATABASE_URL`, a login that may
create roles and databases, is used when it is set, and makes the owner and the database as well; without it the owner's
own login makes the roles.
"""

import argparse
import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from kwiga.local.addresses import check_address
from kwiga.local.envfile import LOGINS
from kwiga.local.errors import CommandError
from kwiga.local.manage import run_manage
from kwiga.local.progress import step
from kwiga.local.roles import DATABASE, OWNER, ROLES, make_owned_database, make_roles

_ROLE_OF = dict(zip(LOGINS[1:], ROLES, strict=True))


def main(arguments: list[str]) -> int:
    """Makes roles and migrates; raises CommandError with one sentence when it cannot."""
    description = "Make the database roles and migrate."
    argparse.ArgumentParser(prog="python -m kwiga.local setup", description=description).parse_args(arguments)
    addresses = _addresses(os.environ)
    with step("Making the database roles"):
        _make_roles(addresses, os.environ.get("ADMIN_DATABASE_URL", ""))
    with step("Migrating the database"):
        run_manage(["migrate", "--verbosity", "0"], addresses)
    return 0


def _addresses(environment: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in LOGINS if not environment.get(name)]
    if missing:
        raise CommandError(f"Set {', '.join(missing)}: .env.example says what they are.")
    addresses = {name: environment[name] for name in LOGINS}
    for name, address in addresses.items():
        check_address(address)
        expected = _ROLE_OF.get(name)
        if expected and urlsplit(address).username != expected:
            raise CommandError(f"{name} is the address of the role {expected}, and has to name it.")
    return addresses


def _make_roles(addresses: Mapping[str, str], admin_url: str) -> None:
    owner_url = addresses["DATABASE_URL"]
    passwords = {role: _password(addresses[name]) for name, role in _ROLE_OF.items()}
    if not admin_url:
        make_roles(owner_url, passwords)
        return
    if (urlsplit(owner_url).username, urlsplit(owner_url).path) != (OWNER, f"/{DATABASE}"):
        raise CommandError(
            f"With ADMIN_DATABASE_URL, DATABASE_URL is the address of the role {OWNER} and the database {DATABASE}."
        )
    make_owned_database(admin_url, _password(owner_url))
    make_roles(urlsplit(admin_url)._replace(path=f"/{DATABASE}").geturl(), passwords, owner_url)


def _password(address: str) -> str:
    return unquote(urlsplit(address).password or "")
