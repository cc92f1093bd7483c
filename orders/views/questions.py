"""Pages that ask before a verb of an order, and what follows the answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods

from kwiga.errors import DomainError
from orders.models import Order

Text = str | Promise
asks = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, kw_only=True)
class Question:
    """A page that asks before a verb: what it says, what stands beside the form, and how the button reads."""

    title: Text
    text: Text = ""
    button: Text
    variant: str = "primary"
    facts: list[tuple[Text, Text]] = field(default_factory=list)


def ask(
    request: Any, order: Order, form: forms.Form, question: Question, verb: Callable[[], None], done: Text
) -> HttpResponse:
    """Show the question, or do it; what the rules of the shop refuse is said on the form."""
    if request.method == "POST" and form.is_valid():
        try:
            verb()
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(done))
            return redirect("orders:detail", request.school.slug, order.number)
    return render(request, "orders/question.html", {"order": order, "form": form, "question": question})


def act(request: Any, order: Order, verb: Callable[[], object], done: Text) -> HttpResponse:
    """Do what needs no answers, and go back to the order."""
    try:
        verb()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(done))
    return redirect("orders:detail", request.school.slug, order.number)


def posted(request: Any) -> Any:
    """What was sent, also when all of it was left empty; None before anything was."""
    return request.POST if request.method == "POST" else None


def order_of(number: str) -> Order:
    return get_object_or_404(Order.objects.select_related("contact", "offer"), number=number)
