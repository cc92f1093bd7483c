"""What every test may ask for. Tests talk to a real Postgres as the restricted role, and to a real Valkey."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.management.commands import flush
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from contacts.models import Contact
from kwiga import limits
from orders.payments import lines
from schools.models import Member, School, User
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.schools import MemberFactory, SchoolFactory, UserFactory
from tests.support import guards
from tests.support.bank import RunningBank, running_bank
from tests.support.database import build_template, cloned_database, emptier_of, url_of
from tests.support.people import signed_in
from tests.support.spec import pytest_addoption, pytest_cmdline_main  # noqa: F401  hooks of pytest

# The browser tests run Playwright's event loop in the thread that asks the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_configure(config: pytest.Config) -> None:
    # A slow hash for each person would take most of the run; files come from their folders, not from a build.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("whitenoise")]
    # A bank that never answers, where a test starts none of its own.
    settings.TEST_BANK_URL = "http://127.0.0.1:9"
    # Processes of a run share the Valkey, and one clears its cache while another counts.
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.getpid()}"
    if not hasattr(config, "workerinput"):
        build_template()


@pytest.fixture(scope="session")
def database_name(worker_id: str) -> str:
    return f"kwiga_test_{os.getpid()}_{worker_id}"


@pytest.fixture(scope="session")
def django_db_setup(database_name: str, django_db_blocker: Any) -> Iterator[None]:
    """Clone the migrated template, log in as the restricted roles, and leave cleaning up to the owner."""
    with django_db_blocker.unblock(), cloned_database(database_name):
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = database_name
        _refuse_strong_roles(database_name)
        flush.emit_post_migrate_signal = lambda *args, **kwargs: None  # nothing here lives on permissions
        with emptier_of(database_name) as empty:
            DatabaseOperations.execute_sql_flush = lambda self, statements: empty()  # type: ignore[method-assign]
            yield
        connections.close_all()


def _refuse_strong_roles(database: str) -> None:
    """A suite that runs as a superuser or as the owner proves nothing about isolation (trust 3.7-8)."""
    with psycopg.connect(url_of("APP_DATABASE_URL", database)) as app:
        strong = guards.too_strong(app)
    assert strong == [], f"The tests may not log in as {strong}: it passes row-level security or owns tables."


@pytest.fixture(scope="session", autouse=True)
def uploads(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests upload goes with the run."""
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media"))


@pytest.fixture(autouse=True)
def fresh_memory() -> None:
    """Limits count from zero in each test, and no test speaks in the log of another."""
    cache.clear()
    translation.activate(settings.LANGUAGE_CODE)
    limits.forget()
    structlog.contextvars.clear_contextvars()


# --- The cast: owner and teammate of one school, a stranger, and another school with the same ---


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(slug="green", name="Green School")


@pytest.fixture
def other_school(db: None) -> School:
    return SchoolFactory(slug="red", name="Red School")


@pytest.fixture
def owner(school: School) -> User:
    with school_scope(school):
        return Member.objects.get(school=school, role=Role.OWNER).user


@pytest.fixture
def teammate(school: School) -> User:
    """A colleague who may look at most things and change nothing."""
    return MemberFactory(school=school, role=Role.READ_ONLY).user


@pytest.fixture
def stranger(other_school: School) -> User:
    """The owner of another school."""
    with school_scope(other_school):
        return Member.objects.get(school=other_school, role=Role.OWNER).user


@pytest.fixture
def scope(school: School) -> Iterator[School]:
    """The open scope of `school`, for tests of services and selectors."""
    with school_scope(school):
        yield school


@pytest.fixture
def staff() -> Callable[[User], Client]:
    """A browser on the root host, signed in by password just now."""
    return signed_in


@pytest.fixture
def visitor() -> Callable[..., Client]:
    """A browser that nobody signed in: on the root host, or on a school's own."""

    def on(school: School | None = None) -> Client:
        return Client(headers={"host": f"{school.slug}.localhost" if school else "localhost"})

    return on


@pytest.fixture
def contact(school: School) -> Contact:
    """A student of `school`."""
    return ContactFactory(school=school, email="olena@example.test", name="Olena")


@pytest.fixture
def student() -> Callable[[Contact], Client]:
    """A browser on the school's host in which that contact is signed in."""
    return student_browser


@pytest.fixture
def kept_mail(settings: Settings, tmp_path: Path) -> Path:
    """Mail is kept in a folder, as in the demo."""
    settings.KEEP_MAIL_IN = str(tmp_path)
    settings.MAILERS = {"default": {"BACKEND": "kwiga.mailbox.KeepingBackend", "OPTIONS": {"folder": str(tmp_path)}}}
    return tmp_path


@pytest.fixture
def person(db: None) -> User:
    """Somebody with an account and no school."""
    return UserFactory()


@pytest.fixture(scope="session")
def shared_bank() -> Iterator[RunningBank]:
    """One Test bank for the whole run; each school has an account of its own there."""
    with running_bank() as bank:
        yield bank


@pytest.fixture
def live_bank(shared_bank: RunningBank, settings: Settings) -> RunningBank:
    """The store knows a Test bank that answers."""
    lines.forget()
    settings.TEST_BANK_URL = shared_bank.url
    return shared_bank
