"""What every provider with a page has to do, whoever it is, against a stand-in of its interface over real HTTP."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kwiga.local.paths import ROOT
from kwiga.money import CURRENCIES
from orders.payments.protocol import Account, Forged, ProviderDown, ProviderError, SessionRequest, Status
from orders.payments.stripe.amounts import MINIMUM_MINOR
from schools.tenancy.scope import ScopeError, school_scope

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - real servers look at the real time


@pytest.fixture(autouse=True)
def begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins now: the module may have been read minutes ago, and sessions have a shortest time."""
    monkeypatch.setitem(globals(), "NOW", datetime.now(UTC).replace(microsecond=0))  # noqa: TID251


@pytest.fixture
def account(stand_in) -> Account:
    return Account(school_id=1, token="t", is_test=True, options={}, secrets=stand_in.secrets)


def request(reference: str = "ref-1", **changes: Any) -> SessionRequest:
    usual: dict[str, Any] = {
        "reference": reference,
        "order_number": "ABCD2345",
        "title": "Курс «Йога»",
        "amount_minor": 120_000,
        "currency": "UAH",
        "language": "uk",
        "buyer_email": "buyer@example.test",
        "return_url": "http://green.localhost:8000/pay/secret/return/",
        "notice_url": "http://127.0.0.1:9/webhooks/x/",
        "ends_at": NOW + timedelta(minutes=29),
        "begun_at": NOW,
    }
    return SessionRequest(**(usual | changes))


@pytest.fixture
def opened(stand_in, account) -> str:
    """The provider's name of an open session."""
    return stand_in.provider.open_session(account, request()).provider_ref


# --- Sessions ---


def test_the_same_reference_gives_the_same_session(stand_in, account):
    first = stand_in.provider.open_session(account, request())
    assert stand_in.provider.open_session(account, request()) == first
    assert stand_in.provider.open_session(account, request("ref-2")).provider_ref != first.provider_ref
    assert first.url.startswith(stand_in.provider.origins(account)[0] + "/")


def test_the_same_reference_at_the_same_moment_gives_one_session(stand_in, account):
    def open_one(_number: int) -> str:
        return stand_in.provider.open_session(account, request("at-once")).provider_ref

    with ThreadPoolExecutor(4) as hands:
        assert len(set(hands.map(open_one, range(8)))) == 1


def test_the_same_reference_with_another_sum_is_refused(stand_in, account, opened):
    with pytest.raises(ProviderError):
        stand_in.provider.open_session(account, request(amount_minor=100))


def test_a_session_says_what_it_is_for(stand_in, account, opened):
    state = stand_in.provider.read_state(account, opened)
    assert (state.status, state.amount_minor, state.currency) == (Status.OPEN, 120_000, "UAH")
    assert (state.provider_ref, state.reference, state.is_test, state.refunds) == (opened, "ref-1", True, ())


def test_paid(stand_in, account, opened):
    stand_in.pay(opened)
    state = stand_in.provider.read_state(account, opened)
    assert (state.status, state.amount_minor, state.currency) == (Status.PAID, 120_000, "UAH")


def test_failed(stand_in, account, opened):
    stand_in.fail(opened)
    state = stand_in.provider.read_state(account, opened)
    assert state.status == Status.FAILED
    assert "declined" in state.failure


def test_on_its_way(stand_in, account, opened):
    stand_in.pay_slowly(opened)
    assert stand_in.provider.read_state(account, opened).status == Status.PENDING


def test_a_smaller_sum_and_another_currency_are_told_as_they_are(stand_in, account, opened):
    stand_in.pay_wrong_sum(opened)
    assert stand_in.provider.read_state(account, opened).amount_minor < 120_000
    other = stand_in.provider.open_session(account, request("ref-2")).provider_ref
    stand_in.pay_wrong_currency(other)
    assert stand_in.provider.read_state(account, other).currency != "UAH"


def test_closing_an_open_one_and_one_that_was_paid_meanwhile(stand_in, account, opened):
    assert stand_in.provider.close_session(account, opened).status == Status.CANCELED
    assert stand_in.provider.close_session(account, opened).status == Status.CANCELED
    late = stand_in.provider.open_session(account, request("ref-2")).provider_ref
    stand_in.pay(late)
    assert stand_in.provider.close_session(account, late).status == Status.PAID


def test_what_changed_is_listed(stand_in, account, opened):
    stand_in.pay(opened)
    states = stand_in.provider.changed_since(account, NOW - timedelta(minutes=1))
    assert [(state.provider_ref, state.status) for state in states] == [(opened, Status.PAID)]


# --- Refunds ---


def test_refunds_in_parts_each_once(stand_in, account, opened):
    stand_in.pay(opened)
    first = stand_in.provider.refund(account, opened, reference="1", amount_minor=50_000, currency="UAH")
    assert (first.status, first.amount_minor, first.reference) == ("succeeded", 50_000, "1")
    again = stand_in.provider.refund(account, opened, reference="1", amount_minor=50_000, currency="UAH")
    assert again.provider_ref == first.provider_ref
    stand_in.provider.refund(account, opened, reference="2", amount_minor=70_000, currency="UAH")
    refunds = stand_in.provider.read_state(account, opened).refunds
    assert sorted((refund.reference, refund.amount_minor) for refund in refunds) == [("1", 50_000), ("2", 70_000)]


def test_more_than_was_paid_is_refused(stand_in, account, opened):
    stand_in.pay(opened)
    with pytest.raises(ProviderError) as caught:
        stand_in.provider.refund(account, opened, reference="1", amount_minor=120_001, currency="UAH")
    assert not isinstance(caught.value, ProviderDown)


# --- Notices ---


def test_a_genuine_notice_names_its_payment(stand_in, account, opened):
    body = stand_in.notice(opened, "ref-1")
    notice = stand_in.provider.read_notice(account, stand_in.headers(body), body)
    assert (notice.event_id, notice.provider_ref, notice.reference) == ("event-1", opened, "ref-1")
    assert notice.is_about_us


@pytest.mark.spec("P1")
def test_forged_notices(stand_in, account):
    body = stand_in.notice("some-session", "ref-1")
    good = stand_in.headers(body)
    (name, value) = next(iter(good.items()))
    other = {key: f"{secret}0" for key, secret in stand_in.secrets.items()}
    reordered = json.dumps(dict(reversed(json.loads(body).items()))).encode()
    attempts = [
        ({}, body),
        ({name: ""}, body),
        ({name: "nonsense"}, body),
        ({name: "t=,v1="}, body),
        ({name: value[:-1] + ("0" if value[-1] != "0" else "1")}, body),
        (stand_in.headers(body, secrets=other), body),
        (good, json.dumps(json.loads(body), indent=1).encode()),
        (good, reordered),
        (good, body + b" "),
        (good, b""),
        (good, b"\xff\xfe"),
        (stand_in.headers(body, at=time.time() - 301), body),
        (stand_in.headers(b""), b""),
        (stand_in.headers(b"[]"), b"[]"),
        (stand_in.headers(b"{}"), b"{}"),
        (stand_in.headers(b"not json"), b"not json"),
    ]
    for headers, sent in attempts:
        with pytest.raises(Forged):
            stand_in.provider.read_notice(account, headers, sent)


@pytest.mark.spec("P1")
def test_without_a_secret_nothing_is_genuine(stand_in):
    body = stand_in.notice("some-session", "ref-1")
    bare = Account(school_id=1, token="t", is_test=True, options={}, secrets={})
    with pytest.raises((Forged, ProviderError)):
        stand_in.provider.read_notice(bare, stand_in.headers(body), body)


@pytest.mark.spec("P1")
def test_the_library_is_never_asked_to_look_away():
    """It offers to read a webhook without verifying it; nothing of ours takes that offer."""
    sources = [path for app in ("kwiga", "orders", "schools") for path in (ROOT / app).rglob("*.py")]
    assert len(sources) > 100
    assert not [path for path in sources if "without_verification" in path.read_text()]


# --- When it goes wrong ---


def test_a_provider_that_fails_is_down_for_the_moment(stand_in, account, opened):
    stand_in.break_down(failures=1)
    with pytest.raises(ProviderDown):
        stand_in.provider.read_state(account, opened)
    assert stand_in.provider.read_state(account, opened).status == Status.OPEN


@pytest.mark.spec("F5")
def test_a_provider_that_is_slow_is_not_waited_for(stand_in, account, opened):
    stand_in.break_down(slow_seconds=stand_in.slow_seconds)
    begun = time.monotonic()
    with pytest.raises(ProviderDown):
        stand_in.provider.read_state(account, opened)
    assert time.monotonic() - begun < 6.5
    stand_in.break_down()


@pytest.mark.spec("F5")
def test_after_a_row_of_failures_nobody_waits(stand_in, account, opened):
    stand_in.break_down(failures=5)
    for _ in range(5):
        with pytest.raises(ProviderDown):
            stand_in.provider.read_state(account, opened)
    begun = time.monotonic()
    with pytest.raises(ProviderDown, match="paused"):
        stand_in.provider.read_state(account, opened)
    assert time.monotonic() - begun < 0.1


def test_wrong_keys_and_unknown_payments_are_no_outage(stand_in, account, opened):
    wrong = {name: value + "0" for name, value in stand_in.secrets.items()}
    strange = Account(school_id=1, token="t", is_test=True, options={}, secrets=wrong)
    for asker, ref in ((strange, opened), (account, "no-such-session")):
        with pytest.raises(ProviderError) as caught:
            stand_in.provider.read_state(asker, ref)
        assert not isinstance(caught.value, ProviderDown)
        assert not any(secret in str(caught.value) for secret in [*stand_in.secrets.values(), *wrong.values()])


def test_the_trial_of_the_keys(stand_in, account):
    assert stand_in.provider.check(account)


def test_nobody_talks_inside_a_scope(stand_in, account, school):
    with school_scope(school), pytest.raises(ScopeError):
        stand_in.provider.check(account)


@pytest.mark.spec("C8")
@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_makes_the_round_trip(stand_in, account, currency):
    amount = 12_340 if currency == "KWD" else max(1_999, MINIMUM_MINOR.get(currency, 0))
    wanted = request(f"ref-{currency}", amount_minor=amount, currency=currency)
    ref = stand_in.provider.open_session(account, wanted).provider_ref
    stand_in.pay(ref)
    state = stand_in.provider.read_state(account, ref)
    assert (state.status, state.amount_minor, state.currency) == (Status.PAID, amount, currency)
    refund = stand_in.provider.refund(account, ref, reference="1", amount_minor=amount, currency=currency)
    assert refund.amount_minor == amount
