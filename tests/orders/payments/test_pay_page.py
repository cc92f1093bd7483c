"""The pay page: what it shows in each state, where it sends people, and what it never does."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courses.models import Access
from kwiga import clock
from orders.models import Order, Payment
from schools.models import Event
from schools.tenancy.scope import school_scope

# Where an address may lead that a stranger puts into a link; none of these is ours.
# fmt: off
REDIRECTS = (
    "https://evil.example", "//evil.example", "///evil.example", "////evil.example", "\\\\evil.example",
    "/\\evil.example", "\\/evil.example", "/\\/evil.example", "https:evil.example", "https:/evil.example",
    "http:evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java%0ascript:alert(1)",
    "javascript://%0aalert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://evil.example",
    "//evil.example/%2e%2e", "https://green.localhost@evil.example", "https://green.localhost.evil.example",
    "//green.localhost@evil.example", "https://evil.example#green.localhost", "https://evil.example?green.localhost",
    "https://evil.example\\green.localhost", "//evil%E3%80%82example", "//%65vil.example", "/%2f%2fevil.example",
    "/%5cevil.example", "%2f%2fevil.example", "%09//evil.example", "%0d%0aLocation:https://evil.example",
    "/%0d%0aSet-Cookie:x=1", "//[::1]", "//127.0.0.1", "//0x7f000001", "//2130706433", "http://localhost:1",
    "//evil.example:80/pay/", "..//evil.example", "/..//evil.example", "/pay/..//..//evil.example",
    ";//evil.example", "?next=//evil.example",
)
# fmt: on


def test_it_says_what_is_bought_and_for_how_much(buyer, connection):
    page = buyer.look()
    assert page.status_code == 200
    assert buyer.order.number in page.text
    assert 'data-due-minor="120000"' in page.text
    assert connection.token in page.text


def test_looking_writes_nothing(buyer, school, connection, transfer):
    with school_scope(school):
        before = Event.objects.count()
    buyer.look()
    with school_scope(school):
        assert (Event.objects.count(), Payment.objects.count()) == (before, 0)


def test_its_cost(buyer, connection, transfer):
    buyer.look()
    with CaptureQueriesContext(database) as queries:
        buyer.look()
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 9, statements


def test_choosing_sends_the_buyer_to_the_provider(buyer, connection, stand_in):
    answer = buyer.choose(connection)
    (payment,) = buyer.payments()
    assert answer.status_code == 303
    assert answer.headers["Location"] == payment.session["url"]
    assert payment.state == "created" and payment.provider_ref
    again = buyer.choose(connection)
    assert again.headers["Location"] == answer.headers["Location"]
    assert len(buyer.payments()) == 1


def test_the_session_ends_before_the_hold(buyer, school, connection, stand_in):
    with school_scope(school):
        until = clock.now() + timedelta(minutes=30)
        Order.objects.filter(pk=buyer.order.pk).update(held_until=until)
    buyer.choose(connection)
    (payment,) = buyer.payments()
    if stand_in.key == "stripe":  # which knows no session below half an hour: the hold waits for it to be closed
        assert payment.session_ends_at <= until + timedelta(minutes=2)
    else:
        assert payment.session_ends_at < until


def test_the_address_is_kept_secret(buyer, connection):
    for answer in (buyer.look(), buyer.choose(connection), buyer.come_back()):
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.spec("P10")
def test_only_this_page_leads_to_the_provider_and_to_no_other_script(buyer, connection, stand_in):
    (origin,) = stand_in.provider.origins(None)
    policy = dict(part.split(" ", 1) for part in buyer.look().headers["Content-Security-Policy"].split("; "))
    assert policy["form-action"] == f"'self' {origin}"
    assert policy["script-src"].startswith("'self'") and "unsafe" not in policy["script-src"]
    assert policy["default-src"] == "'none'" and "frame-src" not in policy
    front = buyer.client.get("/").headers["Content-Security-Policy"]
    assert origin not in front
    assert origin not in buyer.come_back().headers["Content-Security-Policy"]


# --- Coming back ---


@pytest.mark.spec("P8")
@pytest.mark.spec("K06.3")
@pytest.mark.parametrize("method", ["get", "post"])
def test_coming_back_without_paying_gives_nothing(buyer, school, connection, method):
    buyer.choose(connection)
    answer = buyer.come_back(method, {"status": "paid", "session": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (303, buyer.path)
    assert buyer.fresh().state == "pending"
    assert buyer.client.get(f"{buyer.path}done/").headers["Location"] == buyer.path
    with school_scope(school):
        assert not Access.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_coming_back_after_paying_before_any_notice(buyer, school, connection, stand_in, method):
    buyer.choose(connection)
    stand_in.pay(buyer.payments()[0].provider_ref)
    answer = buyer.come_back(method)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{buyer.path}done/")
    thanks = buyer.client.get(f"{buyer.path}done/")
    assert thanks.status_code == 200
    assert buyer.order.number in thanks.text
    assert buyer.order.buyer_email not in thanks.text
    with school_scope(school):
        assert Access.objects.count() == 1


def test_coming_back_while_the_provider_is_down(buyer, connection, stand_in):
    buyer.choose(connection)
    stand_in.break_down(failures=1)
    assert buyer.come_back().headers["Location"] == buyer.path


@pytest.mark.spec("P7")
def test_nobody_is_sent_elsewhere(buyer, connection):
    assert len(REDIRECTS) >= 40
    own = {buyer.path, f"{buyer.path}done/"}
    for place in REDIRECTS:
        for name in ("next", "return_to", "url", "redirect"):
            query = f"?{name}={quote(place, safe='%')}"
            answer = buyer.client.get(f"{buyer.path}return/{query}")
            assert answer.headers["Location"] in own, place
        posted = Client(headers={"host": "green.localhost"}).post(f"{buyer.path}return/", {"next": place})
        assert posted.headers["Location"] in own
    assert urlsplit(buyer.choose(connection).headers["Location"]).netloc
