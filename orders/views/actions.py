"""What the team does to an order: each verb has a page of its own that asks, and goes back to the order."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses.models import Access
from courses.services.access import change_access, revoke_access
from kwiga import clock
from kwiga.money import format_money
from orders import links
from orders.forms.actions import (
    AccessEndForm,
    CancelForm,
    CommentForm,
    LinkForm,
    MarkPaidForm,
    MoveForm,
    ReasonForm,
    RefundForm,
)
from orders.models import Order, OrderAccess, Payment
from orders.payments.registry import provider_of
from orders.selectors import money
from orders.services import closing, comments, moving, paying, refunds, reissuing, reminding
from orders.views.questions import Question, act, ask, asks, order_of, posted
from schools.access import requires
from schools.roles import Right


@requires(Right.MANAGE_ORDERS)
@asks
def mark_paid(request: Any, number: str) -> HttpResponse:
    """Money that came another way: a transfer, cash, another site (K03)."""
    order = order_of(number)
    due_minor = money.due_minor(order)
    form = MarkPaidForm(posted(request), order=order, due_minor=due_minor)
    question = Question(
        title=_("Mark as paid"),
        text=_("The buyer gets access and a mail as after any other payment."),
        button=_("Mark as paid"),
        facts=[(_("Still to be paid"), format_money(due_minor, order.currency))],
    )

    def verb() -> None:
        data = form.cleaned_data
        facts = {"amount_minor": data["amount"], "comment": data["comment"], "provider": data["provider"]}
        paying.mark_paid(order=order, actor=request.user, **facts)

    return ask(request, order, form, question, verb, _("The payment is written down."))


@requires(Right.MANAGE_ORDERS)
@asks
def cancel(request: Any, number: str) -> HttpResponse:
    """Ask once, then close an unpaid order."""
    order = order_of(number)
    form = CancelForm(posted(request))
    question = Question(
        title=_("Cancel the order?"),
        text=_("Its pay link stops working at once and a seat that it holds is free again. This cannot be undone."),
        button=_("Cancel the order"),
        variant="danger",
    )

    def verb() -> None:
        closing.cancel_order(order=order, reason=form.cleaned_data["reason"], actor=request.user)

    return ask(request, order, form, question, verb, _("The order is canceled."))


@requires(Right.REFUND_ORDERS)
@asks
def refund(request: Any, number: str, token: str) -> HttpResponse:
    """Give a part or all of a payment back."""
    order = order_of(number)
    payment = _payment(order, token)
    left = money.refundable_minor(payment)
    form = RefundForm(posted(request), payment=payment, refundable_minor=left)
    question = Question(
        title=_("Give money back"),
        text=_how_it_goes_back(payment),
        button=_("Give back"),
        variant="danger",
        facts=[
            (_("Paid"), format_money(payment.amount_minor, payment.currency)),
            (_("Can be given back"), format_money(left, payment.currency)),
        ],
    )

    def verb() -> None:
        refunds.request_refund(payment=payment, actor=request.user, **form.terms())

    return ask(request, order, form, question, verb, _("The refund is on its way."))


def _how_it_goes_back(payment: Payment) -> str:
    if payment.connection_id and provider_of(payment.provider).capabilities.online:
        return _("The provider is asked right away and sends the money the way it came.")
    return _("Send the money back yourself, the way it came; here it is written down as given back.")


@requires(Right.MANAGE_ORDERS)
@require_POST
def review_acceptance(request: Any, number: str, token: str) -> HttpResponse:
    """Count money under review for the order."""
    order = order_of(number)
    payment = _payment(order, token)
    return act(
        request,
        order,
        lambda: paying.accept_review(payment=payment, actor=request.user),
        _("The payment counts for the order."),
    )


@requires(Right.REFUND_ORDERS)
@asks
def review_refund(request: Any, number: str, token: str) -> HttpResponse:
    """Give money under review back, all that is left of it."""
    order = order_of(number)
    payment = _payment(order, token)
    form = ReasonForm(posted(request))
    left = format_money(money.refundable_minor(payment), payment.currency)
    question = Question(
        title=_("Give this payment back?"),
        text=_how_it_goes_back(payment),
        button=_("Give back"),
        variant="danger",
        facts=[(_("Goes back"), left)],
    )

    def verb() -> None:
        paying.refund_review(payment=payment, reason=form.cleaned_data["reason"], actor=request.user)

    return ask(request, order, form, question, verb, _("The refund is on its way."))


@requires(Right.MANAGE_ORDERS)
@asks
def move(request: Any, number: str) -> HttpResponse:
    """Give the order and what it opened to another person, for a mistyped email."""
    order = order_of(number)
    form = MoveForm(posted(request), order=order)
    question = Question(
        title=_("Move to another person"),
        text=_("The order and the access that it opened go to the person with this email. Nothing is paid again."),
        button=_("Move the order"),
        facts=[(_("Now"), order.buyer_email)],
    )

    def verb() -> None:
        data = form.cleaned_data
        moving.move_order(order=order, email=data["email"], name=data["name"], actor=request.user)

    return ask(request, order, form, question, verb, _("The order is moved."))


@requires(Right.MANAGE_ORDERS)
@asks
def renew_link(request: Any, number: str) -> HttpResponse:
    """A new pay link: the one sent before stops working, and an expired order can be paid again (K02)."""
    order = order_of(number)
    form = LinkForm(posted(request), order=order)
    question = Question(
        title=_("Make a new pay link"),
        text=_("The link that was sent before stops working at once. The sum stays as it was agreed."),
        button=_("Make a new link"),
        facts=[(_("To be paid"), format_money(money.due_minor(order), order.currency))],
    )

    def verb() -> None:
        if days := form.cleaned_data["valid_for"]:
            ends_at = clock.now() + timedelta(days=days)
            reissuing.reissue_order(order=order, expires_at=ends_at, actor=request.user)
        else:
            links.renew_pay_link(order=order, actor=request.user)

    return ask(request, order, form, question, verb, _("There is a new pay link. The old one no longer works."))


@requires(Right.MANAGE_ORDERS)
@require_POST
def send_link(request: Any, number: str) -> HttpResponse:
    """Mail the pay link to the buyer."""
    order = order_of(number)
    if not money.due_minor(order) or order.is_dead:
        messages.error(request, _("There is nothing to pay for this order."))
        return redirect("orders:detail", request.school.slug, order.number)
    return act(request, order, lambda: reminding.mail_pay_link(order=order), _("The link is on its way to the buyer."))


@requires(Right.MANAGE_ORDERS)
@asks
def comment(request: Any, number: str) -> HttpResponse:
    """Add a note of the team. The form stands on the order's page; this page is for one that was sent wrong."""
    order = order_of(number)
    form = CommentForm(posted(request))
    question = Question(title=_("Comment"), button=_("Add"))

    def verb() -> None:
        comments.add_comment(order=order, text=form.cleaned_data["text"], actor=request.user)

    return ask(request, order, form, question, verb, _("The comment is added."))


@requires(Right.MANAGE_ORDERS)
@asks
def access_end(request: Any, number: str, access: int) -> HttpResponse:
    """Another end for this person's access; the offer and other orders keep theirs (K01)."""
    order = order_of(number)
    row = _access(order, access)
    form = AccessEndForm(posted(request), access=row)
    question = Question(
        title=_("Change the end of the access"),
        text=_("It counts for this person alone. Later changes of the offer do not touch it."),
        button=_("Save"),
        facts=[(_("Course"), row.course.title)],
    )

    def verb() -> None:
        change_access(access=row, starts_at=row.starts_at, ends_at=form.ends_at(), actor=request.user)

    return ask(request, order, form, question, verb, _("The access is changed."))


@requires(Right.MANAGE_ORDERS)
@asks
def access_revocation(request: Any, number: str, access: int) -> HttpResponse:
    """Ask once, then close an access; money stays where it is."""
    order = order_of(number)
    row = _access(order, access)
    form = ReasonForm(posted(request))
    question = Question(
        title=_("Close the access?"),
        text=_("The person can no longer open it by this order. Progress is kept, and no money goes back."),
        button=_("Close the access"),
        variant="danger",
        facts=[(_("Course"), row.course.title)],
    )

    def verb() -> None:
        revoke_access(access=row, actor=request.user, reason=form.cleaned_data["reason"])

    return ask(request, order, form, question, verb, _("The access is closed."))


def _payment(order: Order, token: str) -> Payment:
    payment = get_object_or_404(Payment.objects.filter(order=order), token=token)
    payment.order = order
    return payment


def _access(order: Order, pk: int) -> Access:
    return get_object_or_404(OrderAccess.objects.filter(order=order).select_related("access__course"), access=pk).access
