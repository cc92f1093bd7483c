"""The seven requests of a purchase and the bank's notice, with as many statements as the store makes for each."""

import secrets
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from benchmarks.skeleton.models import Contact, Fact, Offer, Order, Payment
from orders.payments.protocol import Account, PaymentState, SessionRequest, Status
from orders.payments.test_bank.provider import TestBank

ACCOUNT = Account(
    school_id=1,
    token="skeleton",  # noqa: S106  a name
    is_test=True,
    options={"entry": "link", "return_by": "get"},
    secrets={"api_key": f"tb_{'5' * 32}"},
)
BANK = TestBank()


def offer(request: Any, token: str) -> HttpResponse:
    """Four selects; a POST places the order with seven and ten writes."""
    found = Offer.objects.get(token=token)
    if request.method == "POST":
        return _see_other(f"/pay/{_place(request, found).token}/")
    _look(found, 3)
    hidden = {"key": secrets.token_urlsafe(16), "shown_total": found.price_minor}
    return render(request, "page.html", {"offer": found, "action": request.path, "hidden": hidden})


def quote(request: Any, token: str) -> HttpResponse:
    """Two selects."""
    found = Offer.objects.get(token=token)
    _look(found, 1)
    return render(request, "page.html", {"offer": found, "action": request.path, "hidden": {}})


@transaction.atomic
def _place(request: Any, found: Offer) -> Order:
    contact, _is_new = Contact.objects.get_or_create(
        email=request.POST["email"], defaults={"name": request.POST["name"]}
    )
    _look(found, 5)
    order = Order.objects.create(
        token=secrets.token_urlsafe(16),
        key=request.POST["key"],
        contact=contact,
        offer=found,
        total_minor=found.price_minor,
    )
    _write(order, 8)
    return order


def pay(request: Any, token: str) -> HttpResponse:
    """Seven selects; a POST opens a session at the bank between two transactions, 14 selects and five writes."""
    if request.method == "POST":
        return _see_other(_go(request, token))
    order = Order.objects.select_related("offer").get(token=token)
    _look(order.offer, 6)
    return render(request, "page.html", {"offer": order.offer, "action": request.path, "hidden": {}})


def _go(request: Any, token: str) -> str:
    with transaction.atomic():
        order = Order.objects.select_for_update().get(token=token)
        _look(order.offer, 10)
        payment = Payment.objects.create(order=order, token=secrets.token_urlsafe(8))
        _write(order, 2)
    session = BANK.open_session(ACCOUNT, _asked(request, order, payment))
    with transaction.atomic():
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        payment.provider_ref, payment.url = session.provider_ref, session.url
        payment.save()
        _look(order.offer, 2)
        _write(order, 1)
    return session.url


def _asked(request: Any, order: Order, payment: Payment) -> SessionRequest:
    here = f"http://{request.get_host()}"
    return SessionRequest(
        reference=payment.token,
        order_number=str(order.pk),
        title=order.offer.title,
        amount_minor=order.total_minor,
        currency="UAH",
        language="en",
        buyer_email=order.contact.email,
        return_url=f"{here}/pay/{order.token}/return/",
        notice_url=f"{here}/notice/",
        ends_at=None,
        begun_at=payment.created_at,
    )


@csrf_exempt
def pay_return(request: Any, token: str) -> HttpResponse:
    """Asks the bank, then 20 selects and eleven writes in three transactions."""
    order = Order.objects.select_related("offer").get(token=token)
    payment = Payment.objects.get(order=order)
    _settle(payment, BANK.read_state(ACCOUNT, payment.provider_ref))
    return _see_other(f"/pay/{token}/done/")


@csrf_exempt
def notice(request: Any) -> HttpResponse:
    """Verifies, writes it down, asks the bank, and settles what the return has not settled."""
    told = BANK.read_notice(ACCOUNT, request.headers, request.body)
    Fact.objects.create(kind=told.event_id)
    payment = Payment.objects.filter(provider_ref=told.provider_ref).first()
    if payment:
        _settle(payment, BANK.read_state(ACCOUNT, payment.provider_ref))
    return HttpResponse("ok")


def _settle(payment: Payment, state: PaymentState) -> None:
    with transaction.atomic():
        order = Order.objects.select_for_update().select_related("offer").get(payment=payment)
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        _look(order.offer, 8)
        if locked.state == "captured" or state.status != Status.PAID:
            return
        _look(order.offer, 8)
        locked.state, order.state = "captured", "paid"
        locked.save()
        order.save()
        _write(order, 9)


def pay_done(request: Any, token: str) -> HttpResponse:
    """Four selects."""
    order = Order.objects.select_related("offer").get(token=token)
    _look(order.offer, 3)
    return render(request, "page.html", {"offer": order.offer, "action": "", "hidden": {}})


def _look(found: Offer, times: int) -> None:
    for _time in range(times):
        Offer.objects.filter(pk=found.pk).first()


def _write(order: Order, times: int) -> None:
    for number in range(times):
        Fact.objects.create(kind=f"fact {number}", order=order, data={"order": order.pk})


def _see_other(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=303)
