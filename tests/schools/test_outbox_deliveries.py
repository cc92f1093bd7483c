"""The page of what failed and what waits, and trying again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from kwiga import clock
from schools.models import Event, OutboxRow, School, User
from schools.outbox.drain import drain
from schools.roles import Role
from schools.services.deliveries import NothingToRetry, retry_delivery
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory
from tests.support.outbox import Keyed, keys_inserted, put, registered

Staff = Callable[[User], Client]


def dead_row(school: School, key: str, **fields: object) -> OutboxRow:
    facts = {"kind": "mail", "attempts": 5, "dead_at": clock.now(), "last_error": "SMTPDataError 554", **fields}
    with school_scope(school):
        return OutboxRow.objects.create(school=school, dedupe_key=key, **facts)


def waiting_row(school: School, key: str) -> OutboxRow:
    return dead_row(school, key, attempts=1, dead_at=None, last_error="Outage: ConnectionRefusedError")


def page(client: Client, school: School, query: str = "") -> str:
    response = client.get(reverse("schools:deliveries", args=[school.slug]) + query)
    assert response.status_code == 200
    return response.content.decode()


def retry(client: Client, school: School, row: OutboxRow | None = None, *, status: int = 302) -> None:
    name, args = ("schools:delivery_retry", [row.pk]) if row else ("schools:delivery_retry_all", [])
    assert client.post(reverse(name, args=[school.slug, *args])).status_code == status


def retried(school: School) -> list[dict[str, object]]:
    with school_scope(school):
        return list(Event.objects.filter(kind="delivery.retried").order_by("id").values_list("data", flat=True))


def test_failed_rows_are_shown_and_nothing_else(
    school: School, other_school: School, owner: User, staff: Staff
) -> None:
    dead_row(school, "mail-that-died")
    waiting_row(school, "mail-that-waits")
    dead_row(school, "mail-that-went", attempts=1, dead_at=None, done_at=clock.now(), last_error="")
    dead_row(other_school, "mail-of-others")
    html = page(staff(owner), school)
    assert "mail-that-died" in html and "SMTPDataError 554" in html and ">5<" in html
    assert not any(key in html for key in ("mail-that-waits", "mail-that-went", "mail-of-others"))


def test_waiting_rows_are_a_filter_away(school: School, owner: User, staff: Staff) -> None:
    dead_row(school, "mail-that-died")
    waiting_row(school, "mail-that-waits")
    html = page(staff(owner), school, "?state=waiting")
    assert "mail-that-waits" in html and "Outage: ConnectionRefusedError" in html
    assert "mail-that-died" not in html


def test_nothing_failed_and_nothing_waiting(school: School, owner: User, staff: Staff) -> None:
    assert "Nothing has failed" in page(staff(owner), school)
    with school_scope(school):
        OutboxRow.objects.all().update(done_at=clock.now())
    assert "Nothing is waiting" in page(staff(owner), school, "?state=waiting")


def test_pages_follow_each_other_without_gap_or_repeat(school: School, owner: User, staff: Staff) -> None:
    at = clock.now()
    for n in range(55):
        dead_row(school, f"mail-{n:03}-", created_at=at + timedelta(seconds=n))
    client = staff(owner)
    first = client.get(reverse("schools:deliveries", args=[school.slug]))
    second = client.get(reverse("schools:deliveries", args=[school.slug]) + first.context["page"].next)
    keys = [row.dedupe_key for response in (first, second) for row in response.context["page"].rows]
    assert keys == [f"mail-{n:03}-" for n in reversed(range(55))]


def test_retry_one(school: School, owner: User, staff: Staff) -> None:
    row, other = dead_row(school, "a"), dead_row(school, "b")
    client = staff(owner)
    retry(client, school, row)
    with school_scope(school):
        row.refresh_from_db()
        other.refresh_from_db()
    assert (row.dead_at, row.attempts, row.locked_until) == (None, 0, None)
    assert row.available_at <= clock.now()
    assert other.dead_at
    retry(client, school, row)  # pressed again: refused, and no second line in the journal
    assert retried(school) == [{"deliveries": [row.pk]}]


def test_retry_all(school: School, other_school: School, owner: User, staff: Staff) -> None:
    dead_row(school, "a"), dead_row(school, "b"), waiting_row(school, "c")
    foreign = dead_row(other_school, "d")
    client = staff(owner)
    retry(client, school)
    retry(client, school)
    with school_scope(school):
        assert not OutboxRow.objects.filter(dead_at__isnull=False).exists()
        assert OutboxRow.objects.get(dedupe_key="c").attempts == 1
    with school_scope(other_school):
        foreign.refresh_from_db()
    assert foreign.dead_at
    assert retried(school) == [{"count": 2}]


def test_another_schools_row_cannot_be_retried(school: School, other_school: School) -> None:
    foreign = dead_row(other_school, "d")
    with school_scope(school), pytest.raises(NothingToRetry):
        retry_delivery(delivery_id=foreign.pk, actor=None)
    assert retried(school) == retried(other_school) == []


def test_who_may_look_and_who_may_retry(
    school: School, teammate: User, stranger: User, staff: Staff, visitor: Callable[..., Client]
) -> None:
    row = dead_row(school, "a")
    support = staff(MemberFactory(school=school, role=Role.SUPPORT).user)
    html = page(support, school)
    assert "Retry" not in html
    retry(support, school, row, status=403)
    address = reverse("schools:deliveries", args=[school.slug])
    assert staff(teammate).get(address).status_code == 403
    assert staff(stranger).get(address).status_code == 404
    assert visitor().get(address).status_code == 302


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_a_retried_row_is_worked_again(school: School) -> None:
    put(school, "keyed", 7)  # nobody knows the kind yet
    at = clock.now()
    for _attempt in range(5):
        with clock.at(at):
            drain()
        at += timedelta(minutes=11)
    with school_scope(school):
        row = OutboxRow.objects.get(dead_at__isnull=False)
        retry_delivery(delivery_id=row.pk, actor=None)
    with registered("keyed", Keyed()):
        drain()
    assert keys_inserted(school) == [7]
