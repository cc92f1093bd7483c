"""Settings > Payments: keys in, never out; what buyers are offered; what tells offers that nobody can pay."""

import itertools
from datetime import timedelta

import psycopg
import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from kwiga import clock, vault
from offers.publishing import guest_obstacle, problems_of
from orders.models import Payment, PaymentConnection
from orders.payments import registry
from orders.payments.bank_transfer.provider import BankTransfer
from orders.payments.protocol import Capabilities
from orders.services import connections
from orders.services.connections import (
    ConnectionRefused,
    ConnectionTerms,
    account_of,
    archive,
    change_connection,
    connect,
    connections_for,
    current_connections,
    disable_connection,
    enable_connection,
    raise_connection,
    takes_test_money,
)
from orders.services.paying import start_payment
from schools.models import OutboxRow, Secret
from schools.tenancy.scope import school_scope
from tests.factories.orders import PlacedOrderFactory, sold_offer
from tests.support.database import url_of

KEY = "sk_test_CANARYcanaryCANARY1234"
SIGNING = "whsec_CANARYcanaryCANARY5678"
SECRETS = {"api_key": KEY, "webhook_secret": SIGNING}
PAGE = "/green/settings/payments/"


class Picky(BankTransfer):
    """A provider that cannot do much."""

    def __init__(self, **able) -> None:
        self.capabilities = Capabilities(online=False, **able)


@pytest.fixture
def picky(monkeypatch):
    """Register a provider with these abilities instead of bank transfer."""

    def put(**able) -> None:
        monkeypatch.setitem(registry._providers, "bank_transfer", Picky(**able))

    return put


def transfer(**fields) -> PaymentConnection:
    return connect(provider="bank_transfer", options={"details": "IBAN"}, actor=None, **fields)


# --- What buyers are offered ---


def test_offered_in_order_and_only_while_enabled(scope):
    first, second = transfer(title="A"), transfer(title="B")
    assert connections_for("UAH", 100, is_guest=True) == [first, second]
    raise_connection(connection=second, actor=None)
    assert [each.title for each in current_connections()] == ["B", "A"]
    disable_connection(connection=second, actor=None)
    assert connections_for("UAH", 100, is_guest=True) == [first]
    enable_connection(connection=second, actor=None)
    archive(connection=first, actor=None)
    assert connections_for("UAH", 100, is_guest=True) == [second]
    with pytest.raises(ConnectionRefused):
        enable_connection(connection=first, actor=None)


def test_a_provider_that_this_installation_lacks_is_not_offered(scope, settings):
    connect(provider="test_bank", actor=None)
    assert len(connections_for("UAH", 100, is_guest=True)) == 1
    settings.TEST_BANK_URL = ""
    assert connections_for("UAH", 100, is_guest=True) == []
    with pytest.raises(ConnectionRefused):
        connect(provider="test_bank", actor=None)


def test_currencies_and_smallest_sums(scope, picky):
    picky(currencies=frozenset({"EUR"}), minimum_minor={"EUR": 50})
    made = transfer()
    assert connections_for("UAH", 10_000, is_guest=True) == []
    assert connections_for("EUR", 49, is_guest=True) == []
    assert connections_for("EUR", 50, is_guest=True) == [made]


@pytest.mark.spec("K06.5")
def test_what_recurs_is_not_offered_by_a_provider_that_cannot(scope, picky):
    made = transfer()
    assert connections_for("UAH", 100, is_guest=True, is_recurring=True) == []
    picky(recurring=True)
    assert connections_for("UAH", 100, is_guest=True, is_recurring=True) == [made]


@pytest.mark.spec("K10.5")
def test_guests_are_not_offered_a_provider_that_wants_to_know_them(scope, picky):
    assert guest_obstacle() == ""
    picky(guest=False)
    made = transfer()
    assert connections_for("UAH", 100, is_guest=True) == []
    assert connections_for("UAH", 100, is_guest=False) == [made]
    assert guest_obstacle() != ""
    picky()
    assert guest_obstacle() == ""


@pytest.mark.spec("K10.5")
def test_an_offer_is_told_when_nobody_can_pay(school, picky):
    offer = sold_offer(school)
    free = sold_offer(school, price_minor=0)
    with school_scope(school):
        (problem,) = problems_of(offer)
        assert "Nobody can pay" in problem and problem.url == PAGE
        assert problems_of(free) == []
        picky(guest=False)
        transfer()
        assert "without signing in" in problems_of(offer)[0]
        picky()
        assert problems_of(offer) == []


# --- Keys ---


@pytest.mark.spec("D6")
def test_keys_lie_encrypted_and_open_in_their_school_alone(school, other_school, database_name):
    with school_scope(school):
        made = connect(provider="stripe", secrets=SECRETS, actor=None)
        assert account_of(made).secrets == SECRETS
        name = f"payments:{made.token}:api_key"
        ciphertext = Secret.objects.get(name=name).ciphertext
    with school_scope(other_school):
        Secret.objects.create(school=other_school, name=name, ciphertext=ciphertext, last_four="1234")
        theirs = PaymentConnection.objects.create(school=other_school, provider="stripe", token=made.token)
        with pytest.raises(vault.VaultError):
            account_of(theirs)
    with school_scope(school):
        Secret.objects.filter(name=f"payments:{made.token}:webhook_secret").update(ciphertext=ciphertext)
        with pytest.raises(vault.VaultError):
            account_of(made)


@pytest.mark.spec("D6")
@pytest.mark.django_db(transaction=True)
def test_no_row_of_the_database_has_a_key(school, owner, database_name):
    with school_scope(school):
        made = connect(provider="stripe", title="Cards", secrets=SECRETS, actor=owner)
        change_connection(connection=made, terms=ConnectionTerms(title="Card", secrets=SECRETS), actor=owner)
    with psycopg.connect(url_of("OPS_DATABASE_URL", database_name)) as ops:
        names = [name for (name,) in ops.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        dumped = "".join(repr(ops.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names)
    assert "Cards" in dumped
    for canary in ("CANARY", KEY[:12], SIGNING[:12]):
        assert canary not in dumped


def test_an_empty_secret_stays_as_it_is(scope):
    made = connect(provider="stripe", secrets=SECRETS, actor=None)
    change_connection(connection=made, terms=ConnectionTerms(title="T", secrets={"api_key": " "}), actor=None)
    assert account_of(made).secrets == SECRETS


@pytest.mark.parametrize(
    ("provider", "options", "secrets"),
    [
        ("stripe", {}, {}),
        ("stripe", {}, {"api_key": "pk_test_public"}),
        ("stripe", {}, {"api_key": KEY, "webhook_secret": "sk_test_swapped"}),
        ("test_bank", {}, {"api_key": "tb_short"}),
        ("bank_transfer", {"details": ""}, {}),
        ("free", {}, {}),
        ("outside", {}, {}),
        ("nobody", {}, {}),
    ],
)
def test_what_cannot_be_right_is_refused(scope, provider, options, secrets):
    with pytest.raises(ConnectionRefused):
        connect(provider=provider, options=options, secrets=secrets, actor=None)
    assert not PaymentConnection.objects.exists()


@pytest.mark.spec("K06.4")
def test_a_key_of_the_sandbox_means_test_mode(scope):
    assert connect(provider="stripe", secrets=SECRETS, actor=None).is_test
    assert not connect(provider="stripe", secrets={"api_key": "sk_live_x"}, actor=None).is_test
    assert connect(provider="test_bank", actor=None).is_test


def test_each_online_connection_is_compared_within_the_hour(scope):
    connect(provider="test_bank", actor=None)
    transfer()
    row = OutboxRow.objects.get(kind="reconcile")
    assert timedelta(0) < row.available_at - clock.now() <= timedelta(hours=1)


def test_the_ribbon_is_remembered(scope):
    takes_test_money()
    with CaptureQueriesContext(database) as queries:
        assert [takes_test_money() for _ in range(3)] == [False] * 3
    assert len(queries) == 0


def test_archived_connections_keep_their_payments(school):
    order = PlacedOrderFactory(school=school)
    with school_scope(school):
        made = transfer()
        start_payment(order=order, connection=made)
        archive(connection=made, actor=None)
        assert Payment.objects.get().connection == made


def test_every_provider_has_words_and_unique_names():
    providers = registry.providers()
    assert {each.key for each in providers} >= {"stripe", "bank_transfer", "test_bank", "free", "outside"}
    for one, other in itertools.combinations(providers, 2):
        assert one.key != other.key
    assert all(str(each.label) for each in providers)
    assert str(registry.label_of("nobody")) == "nobody"
    assert connections.provider_of("free").label == registry.label_of("free")
