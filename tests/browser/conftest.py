"""A real browser on the running product. A test fails when the console is not clean: on any breach of the CSP, too."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from schools.models import School, User
from tests.support.people import signed_in

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process for all browser tests: on two cores, browsers side by side gain nothing."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.django_db(transaction=True, databases=["default", "relay"]))


@pytest.fixture(scope="session")
def base_url() -> str:
    """Addresses are given whole; each test knows which host it means."""
    return ""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    return browser_type_launch_args | {"args": FLAGS} | ({"executable_path": path} if path else {})


@pytest.fixture
def root(live_server: Any, settings: Any) -> str:
    """The address of the dashboard; links and mails made by the server lead there too."""
    port = live_server.thread.port
    settings.BASE_URL, settings.SITE_PORT = f"http://localhost:{port}", port
    return settings.BASE_URL


@pytest.fixture
def site(root: str) -> Callable[[School], str]:
    """The address of a school's own host."""
    return lambda school: root.replace("localhost", f"{school.slug}.localhost")


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if _is_problem(message, page) else None)
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    assert problems == []


def _is_problem(message: ConsoleMessage, page: Page) -> bool:
    # The browser reports the status of an error page itself; that page is what the test asked for.
    own_status = message.text.startswith("Failed to load resource") and message.location.get("url") == page.url
    return message.type in {"error", "warning"} and not own_status


@pytest.fixture
def sign_in(context: BrowserContext, root: str) -> Callable[[User], None]:
    """Give the browser the session of that person, as after signing in."""

    def give(user: User) -> None:
        value = signed_in(user).cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": value, "url": root}])

    return give
