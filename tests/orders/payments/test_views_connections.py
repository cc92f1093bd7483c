"""The pages of Settings > Payments."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from orders.models import PaymentConnection
from orders.services.connections import account_of, connect, disable_connection
from schools.models import Event
from schools.tenancy.scope import school_scope

SECRETS = {"api_key": "sk_test_CANARYcanaryCANARY1234", "webhook_secret": "whsec_CANARYcanaryCANARY5678"}
PAGE = "/green/settings/payments/"


def transfer(**fields) -> PaymentConnection:
    return connect(provider="bank_transfer", options={"details": "IBAN"}, actor=None, **fields)


@pytest.fixture
def bosses(owner, staff):
    return staff(owner)


def test_connect_change_and_never_see_the_key_again(bosses, school):
    form = f"{PAGE}new/?provider=stripe"
    assert bosses.get(form).status_code == 200
    answer = bosses.post(form, {"title": "Card", **SECRETS}, follow=True)
    assert "Stripe is connected" in answer.text
    with school_scope(school):
        made = PaymentConnection.objects.get()
        assert Event.objects.filter(kind="connection.added", data={"provider": "stripe"}).count() == 1
    page = bosses.get(f"{PAGE}{made.token}/")
    assert "ends with 1234" in page.text
    assert f"/webhooks/stripe/green/{made.token}/" in page.text
    for text in (page.text, bosses.get(PAGE).text, bosses.get("/green/activity/").text):
        assert "CANARY" not in text
    wrong = bosses.post(f"{PAGE}{made.token}/", {"title": "Card", "api_key": "pk_CANARY", "webhook_secret": ""})
    assert wrong.status_code == 200 and "begins with" in wrong.text and "CANARY" not in wrong.text


def test_an_unknown_provider_leads_back(bosses):
    for name in ("", "nobody", "free", "outside"):
        assert bosses.get(f"{PAGE}new/?provider={name}").headers["Location"] == PAGE


def test_keys_ask_for_the_password_again(owner, client, school):
    client.force_login(owner)
    answer = client.get(f"{PAGE}new/?provider=stripe", headers={"host": "localhost"})
    assert answer.status_code == 302 and "reauthenticate" in answer.headers["Location"]
    assert "provider%3Dstripe" in answer.headers["Location"]


def test_the_test_button(bosses, school, live_bank):
    with school_scope(school):
        made = connect(provider="test_bank", actor=None)
    trial = f"{PAGE}{made.token}/trial/"
    assert "The Test bank answers" in bosses.post(trial, follow=True).text
    with school_scope(school):
        key = account_of(made).secrets["api_key"]
    live_bank.call(key, "POST", "knobs", {"failures": 1, "status": 500})
    assert "does not answer" in bosses.post(trial, follow=True).text
    live_bank.call(key, "POST", "knobs", {"failures": 1, "status": 401})
    assert "refuses" in bosses.post(trial, follow=True).text


def test_moves_of_the_list(bosses, school):
    with school_scope(school):
        transfer(title="First")
        made = transfer(title="Second")
    for move, said in (
        ("raising", "order is changed"),
        ("withdrawal", "do not see it"),
        ("offering", "can pay this way"),
        ("archive", "archived"),
    ):
        assert said in bosses.post(f"{PAGE}{made.token}/{move}/", follow=True).text
    assert bosses.get(f"{PAGE}{made.token}/").status_code == 404
    assert "Second" not in bosses.get(PAGE).text


def test_the_list_costs_the_same_for_one_and_for_three(bosses, school):
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            bosses.get(PAGE)
        return len(queries)

    with school_scope(school):
        transfer()
    bosses.get(PAGE)
    one = cost()
    with school_scope(school):
        transfer(), transfer()
    assert cost() == one


@pytest.mark.spec("K06.4")
@pytest.mark.django_db(transaction=True)
def test_the_ribbon_of_test_mode(bosses, school, visitor):
    sentence = "no real money"
    assert sentence not in visitor(school).get("/").text
    with school_scope(school):
        made = connect(provider="test_bank", actor=None)
    assert sentence in visitor(school).get("/").text
    assert sentence in bosses.get("/green/").text
    with school_scope(school):
        disable_connection(connection=made, actor=None)
    assert sentence not in visitor(school).get("/").text
