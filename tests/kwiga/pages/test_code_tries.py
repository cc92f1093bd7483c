"""Wrong codes are counted, per client and offer; right ones never (trust C1)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from kwiga import limits
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import WHO, address_of, fields_of, orders_of
from tests.support.broker import Broker, running_broker

IN_FULL = "PROVE_SEEDS" in os.environ
GUESSES, WITHOUT_REDIS = (10_000, 10_000) if IN_FULL else (1_000, 200)
TOO_MANY, NOT_VALID, APPLIED = "Too many wrong codes", "This code is not valid here", "SPRING applied"


@pytest.fixture
def offer(school: Any) -> Any:
    CouponFactory(school=school, code="SPRING", max_uses_per_contact=None)
    return sold_offer(school, price_minor=120_000)


@pytest.fixture
def stopped_valkey(tmp_path: Path, settings: Any) -> Iterator[Broker]:
    with running_broker(tmp_path) as server:
        settings.REDIS_URL = server.url
        limits.forget()
        server.kill()
        yield server
    limits._limiters.__init__()  # type: ignore[misc]


def guess(client: Any, offer: Any, code: str, address: str = "127.0.0.1") -> str:
    answer = client.post(
        f"/o/{offer.token}/quote/", {"coupon": code}, headers={"HX-Request": "true"}, REMOTE_ADDR=address
    )
    assert answer.status_code == 200
    return " ".join(answer.text.split())


class LookUps:
    """Counts the statements that look a code up."""

    count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += "coupons_couponcode" in str(sql)
        return execute(sql, params, many, context)


@pytest.fixture
def look_ups() -> Iterator[LookUps]:
    counter = LookUps()
    with connection.execute_wrapper(counter):
        yield counter


@pytest.mark.prove
@pytest.mark.spec("C1: of 10 000 scripted guesses at most 10 in a window reach the database, others are unaffected")
def test_guesses_reach_the_database_ten_times(school, visitor, offer, look_ups):
    client = visitor(school)
    told = [TOO_MANY in guess(client, offer, f"GUESS{number}") for number in range(GUESSES)]
    assert look_ups.count == 10 and told == [False] * 10 + [True] * (GUESSES - 10)
    assert TOO_MANY in guess(client, offer, "SPRING") and APPLIED not in guess(client, offer, "SPRING")
    assert APPLIED in guess(visitor(school), offer, "SPRING", "127.0.0.2")


@pytest.mark.spec("C1: a form that pretends to have shown a discount is a guess like any other")
def test_guesses_in_forged_forms_are_counted(school, visitor, offer, look_ups):
    client, reached = visitor(school), []
    forged = fields_of(client.get(address_of(offer))) | WHO | {"shown_total": "1"}
    for number in range(13):
        before, code = look_ups.count, f"GUESS{number}"
        answer = client.post(address_of(offer), forged | {"coupon": code, "shown_code": code})
        assert answer.status_code == 200 and (TOO_MANY in answer.text) is (number >= 10)
        reached.append(look_ups.count > before)
    assert reached == [True] * 10 + [False] * 3
    assert orders_of(school) == []


@pytest.mark.prove
@pytest.mark.spec("C1: with Redis stopped the limit is stricter and others are still unaffected")
def test_guesses_without_redis(school, visitor, offer, stopped_valkey, look_ups):
    client = visitor(school)
    for number in range(WITHOUT_REDIS):
        guess(client, offer, f"GUESS{number}")
    assert look_ups.count == 10 // limits.STRICTER
    assert TOO_MANY in guess(client, offer, "SPRING")
    assert APPLIED in guess(visitor(school), offer, "SPRING", "127.0.0.2")


def test_right_codes_and_reasons_are_not_counted(school, visitor, offer):
    client = visitor(school)
    CouponFactory(school=school, code="DOLLARS", kind="fixed", amount_minor=500, currency="USD")
    for _time in range(15):
        assert APPLIED in guess(client, offer, "spring")
        assert "in USD" in guess(client, offer, "DOLLARS")
    assert NOT_VALID in guess(client, offer, "NOPE")


def test_each_offer_network_and_person_has_a_count_of_its_own(school, visitor, offer):
    client, other = visitor(school), sold_offer(school)
    for number in range(11):
        guess(client, offer, f"GUESS{number}")
    assert TOO_MANY in guess(client, offer, "SPRING")
    assert APPLIED in guess(client, other, "SPRING")
    assert TOO_MANY in guess(client, offer, "SPRING", "::ffff:127.0.0.1")
    student = student_browser(ContactFactory(school=school))
    assert APPLIED in guess(student, offer, "SPRING")
    for number in range(11):
        guess(student, offer, f"GUESS{number}")
    told = guess(student, offer, "SPRING", "127.0.0.77")
    assert TOO_MANY in told and "sign in" not in told


def test_an_ipv6_client_is_its_64(school, visitor, offer):
    client = visitor(school)
    for number in range(11):
        guess(client, offer, f"GUESS{number}", f"2001:db8:1:2::{number + 1}")
    assert TOO_MANY in guess(client, offer, "SPRING", "2001:db8:1:2:ffff::1")
    assert APPLIED in guess(client, offer, "SPRING", "2001:db8:1:3::1")


def test_a_block_of_addresses_gets_200(school, visitor, offer):
    client = visitor(school)
    for number in range(201):
        guess(client, offer, f"GUESS{number}", f"127.5.5.{number // 8 + 1}")
    assert TOO_MANY in guess(client, offer, "SPRING", "127.5.5.200")
    assert APPLIED in guess(client, offer, "SPRING", "127.5.6.1")


def test_who_is_blocked_can_buy_at_the_full_price_and_learns_nothing_by_it(school, visitor, offer, look_ups):
    client = visitor(school)
    for number in range(11):
        guess(client, offer, f"GUESS{number}")
    page = client.get(address_of(offer, "?coupon=SPRING"))
    assert TOO_MANY in page.text and "sign in" in page.text and fields_of(page)["coupon"] == "SPRING"
    said = fields_of(page) | {"email": "me@example.test", "name": "Me"}
    before = look_ups.count
    refused = client.post(address_of(offer), said | {"shown_total": "108000"})
    assert refused.status_code == 200 and orders_of(school) == [] and look_ups.count == before
    assert client.post(address_of(offer), said).status_code == 303
    assert [order.total_minor for order in orders_of(school)] == [120_000]
