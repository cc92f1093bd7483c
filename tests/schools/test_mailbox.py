"""The demo's mailboxes: each school's own, the platform's apart, and none at all outside the demo."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, mailers
from django.test import Client
from django.urls import clear_url_caches
from pytest_django import Settings

import kwiga.urls_root
import schools.urls
from kwiga import mailbox
from schools.mail.letters import SchoolMessage
from schools.models import School, User
from schools.roles import Role
from tests.factories.schools import MemberFactory
from tests.support.database import ROOT

Staff = Callable[[User], Client]


def load_addresses() -> None:
    for module in (schools.urls, kwiga.urls_root):
        importlib.reload(module)
    clear_url_caches()


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Mail is kept in a folder, and the addresses that show it exist."""
    before = settings.KEEP_MAIL_IN
    settings.KEEP_MAIL_IN = str(tmp_path)
    settings.MAILERS = {"default": {"BACKEND": "kwiga.mailbox.KeepingBackend", "OPTIONS": {"folder": str(tmp_path)}}}
    load_addresses()
    yield tmp_path
    settings.KEEP_MAIL_IN = before
    load_addresses()


def send(school: School | None, subject: str, text: str = "Hello", html: str = "") -> str:
    """Send a message of the school, or of the platform; the name under which it is kept."""
    message = SchoolMessage(subject, text, "Sender <a@b.test>", ["ivan@example.com"])
    message.school_id = school.pk if school else None
    if html:
        message.attach_alternative(html, "text/html")
    mailers.default.send_messages([message])
    return mailbox.kept_messages(str(school.pk) if school else mailbox.PLATFORM)[0].name


def test_messages_are_kept_apart(kept: Path, school: School, other_school: School) -> None:
    for owner, subject in ((school, "green"), (other_school, "red"), (None, "platform")):
        send(owner, subject)
    for key, subject in ((str(school.pk), "green"), (str(other_school.pk), "red"), (mailbox.PLATFORM, "platform")):
        assert [message.subject for message in mailbox.kept_messages(key)] == [subject]
    assert {path.stat().st_mode & 0o77 for path in kept.iterdir()} == {0}


def test_plain_django_mail_is_the_platforms(kept: Path, school: School) -> None:
    EmailMultiAlternatives("Your code", "123456", None, ["a@b.test"]).send()
    (message,) = mailbox.kept_messages(mailbox.PLATFORM)
    assert (message.subject, message.text.strip()) == ("Your code", "123456")
    assert mailbox.kept_messages(str(school.pk)) == []


def test_a_schools_page_shows_its_own_mail_and_no_other(
    kept: Path, school: School, other_school: School, owner: User, stranger: User, staff: Staff
) -> None:
    mine, foreign, platform = send(school, "for green"), send(other_school, "for red"), send(None, "for nobody")
    client = staff(owner)
    html = client.get(f"/{school.slug}/mailbox/").content.decode()
    assert "for green" in html and "for red" not in html and "for nobody" not in html
    assert client.get(f"/{school.slug}/mailbox/{mine}/").status_code == 200
    for name in (foreign, platform, "..", "20261121T000000000000-aaaaaaaaaaaa"):
        assert client.get(f"/{school.slug}/mailbox/{name}/").status_code == 404
    assert staff(stranger).get(f"/{school.slug}/mailbox/{mine}/").status_code == 404


def test_a_member_without_the_right_reads_no_mail(kept: Path, school: School, teammate: User, staff: Staff) -> None:
    name = send(school, "for green")
    for address in (f"/{school.slug}/mailbox/", f"/{school.slug}/mailbox/{name}/"):
        assert staff(teammate).get(address).status_code == 403
        assert staff(MemberFactory(school=school, role=Role.SUPPORT).user).get(address).status_code == 200


def test_the_platforms_mailbox_is_open_and_shows_no_schools_mail(
    kept: Path, school: School, visitor: Callable[..., Client]
) -> None:
    foreign, name = send(school, "for green"), send(None, "Your code")
    client = visitor()
    html = client.get("/mailbox/").content.decode()
    assert "Your code" in html and "for green" not in html
    assert client.get(f"/mailbox/{name}/").status_code == 200
    assert client.get(f"/mailbox/{foreign}/").status_code == 404
    assert visitor(school).get("/mailbox/").status_code == 404


def test_a_message_shows_its_text_with_links_and_its_html_as_text(
    kept: Path, school: School, owner: User, staff: Staff
) -> None:
    text = "Open https://root.test/green/invitations/abc/ or javascript:alert(1) <script>alert(2)</script>"
    name = send(school, "Hello", text, "<p>Hello</p><script>alert(3)</script><style>body{display:none}</style>")
    page = staff(owner).get(f"/{school.slug}/mailbox/{name}/").content.decode()
    assert '<a href="https://root.test/green/invitations/abc/"' in page
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in page and "&lt;script&gt;alert(3)&lt;/script&gt;" in page
    assert 'href="javascript:' not in page and "<script>alert" not in page and "<style>" not in page


def test_newest_first_and_page_by_page(kept: Path, school: School, owner: User, staff: Staff) -> None:
    for n in range(55):
        send(school, f"mail {n:03}")
    client = staff(owner)
    first = client.get(f"/{school.slug}/mailbox/")
    second = client.get(f"/{school.slug}/mailbox/{first.context['older']}")
    subjects = [mail.subject for response in (first, second) for _address, mail in response.context["mails"]]
    assert subjects == [f"mail {n:03}" for n in reversed(range(55))]
    assert second.context["older"] == ""


def test_an_empty_mailbox_says_so(kept: Path, school: School, owner: User, staff: Staff) -> None:
    assert "No mail yet" in staff(owner).get(f"/{school.slug}/mailbox/").content.decode()


def test_half_written_and_foreign_files_are_not_mail(kept: Path, school: School) -> None:
    name = send(school, "whole")
    folder = kept / str(school.pk)
    (folder / f".{name}").write_bytes(b"Subject: half\n\n")
    (folder / "notes.eml").write_bytes(b"Subject: foreign\n\n")
    assert [message.subject for message in mailbox.kept_messages(str(school.pk))] == ["whole"]


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"KWIGA_ENV_FILE": "", "DEBUG": "0"} | changes
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("folder", "refused"), [("kept-mail", True), ("", False)])
def test_a_production_that_keeps_its_mail_is_refused(folder: str, refused: bool) -> None:
    result = manage("check", "--deploy", KEEP_MAIL_IN=folder)
    assert ("kwiga.E001" in result.stderr) is refused
    if refused:
        assert result.returncode != 0


def test_without_kept_mail_there_is_no_mailbox() -> None:
    code = """if True:
        import django; django.setup()
        from django.test import Client
        from django.urls import NoReverseMatch, reverse
        for name, *arguments in (["platform_mailbox"], ["schools:mailbox", "green"], ["schools:message", "green", "x"]):
            try: print(reverse(name, args=arguments))
            except NoReverseMatch: print("none")
    """
    environment = os.environ | {"KWIGA_ENV_FILE": "", "KEEP_MAIL_IN": ""}
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.stdout.split() == ["none"] * 3
