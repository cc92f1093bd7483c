"""A look at the mail that a step sends, for a chosen contact, and the same mail sent to oneself (P7.4)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from automations.actions import StepFailed
from automations.actions.mails import written
from automations.forms.parts import PartForm
from automations.models import AutomationVersion, Run, Step
from automations.objects import find
from automations.placeholders import given_by
from automations.selectors import sample_run_for
from automations.settings_fields import FieldKind
from contacts.emails import normalize_email
from contacts.models import Contact
from contacts.selectors import contacts_matching
from courses.models import Course
from kwiga import clock
from kwiga.tokens import address_token
from offers.models import Offer
from orders.models import Order
from schools.access import requires
from schools.mail import queue_mail
from schools.mail.letters import Letter, write_letter
from schools.mail.sealing import Order as MailOrder
from schools.roles import Right
from schools.sites import site_url

PEOPLE_SHOWN = 10


@requires(Right.MANAGE_AUTOMATIONS)
@require_safe
def people(request: Any) -> HttpResponse:
    """People who fit what was typed, as suggestions of the browser."""
    typed = (request.GET.get("look_contact") or request.GET.get("contact", "")).replace("\0", "")[:200]
    found: list[Contact] = []
    if typed.strip():
        found = list(contacts_matching(typed, {}).order_by("-created_at", "-id")[:PEOPLE_SHOWN])
    return render(request, "coupons/_people.html", {"people": found})


def look_of(request: Any, kind: str, form: PartForm, version: AutomationVersion, at: int) -> dict[str, Any]:
    """What the page shows beside the form of a mail; nothing for other steps."""
    if kind != Step.Kind.MAIL:
        return {}
    typed = request.POST.get("look_contact", "")
    person = _person(typed)
    return {
        "letter": _letter(request, form, version, at, person),
        "look_contact": typed,
        "look_unknown": bool(typed.strip()) and person is None,
        "look_person": person,
    }


def send_test(request: Any, form: PartForm, version: AutomationVersion, at: int) -> None:
    """Mail what is typed to the member who asks, as the chosen contact would get it."""
    said = _said(request, form, version, at, _person(request.POST.get("look_contact", "")))
    if said is None:
        messages.warning(request, _("Write the mail first."))
        return
    _template, order = said
    queue_mail(
        template="test_mail",
        to=request.user.email,
        language=order.language,
        context=order.context,
        dedupe_key=f"automation-test:{version.pk}:{at}:{address_token()}",
    )
    messages.success(request, _("The mail is on its way to %(email)s.") % {"email": request.user.email})


def _letter(request: Any, form: PartForm, version: AutomationVersion, at: int, person: Contact | None) -> Letter | None:
    said = _said(request, form, version, at, person)
    if said is None:
        return None
    template, order = said
    return write_letter(school=request.school, template=template, order=order, dedupe_key="look", at=clock.now())


def _said(
    request: Any, form: PartForm, version: AutomationVersion, at: int, person: Contact | None
) -> tuple[str, MailOrder] | None:
    """The template and the order of the mail; None while nothing is written in a language that fits."""
    contact = person or _somebody(request)
    try:
        subject, body = written(_sample(contact, version), {"texts": _texts(form)})
    except StepFailed:
        return None
    is_news = bool(form["is_news"].value())
    link = site_url(request.school, "unsubscribe", "look") if is_news else ""
    context = {"subject": subject, "body": body, "unsubscribe": link}
    language = contact.language or request.school.language
    return ("news" if is_news else "notice"), MailOrder(contact.email, language, context)


def _sample(contact: Contact, version: AutomationVersion) -> Run:
    """A run of this contact; what they have no example of is the school's newest, or invented."""
    run = sample_run_for(contact, version)
    gives, said = given_by(version), version.trigger_settings
    if "offer" in gives and run.offer is None:
        run.offer = find(FieldKind.OFFER, said.get("offer")) or Offer.objects.newest_first().first()
    if "course" in gives and run.course is None:
        run.course = find(FieldKind.COURSE, said.get("course")) or Course.objects.order_by("-pk").first()
    if "order" in gives and run.order is None and run.offer:
        price, currency = run.offer.price_minor, run.offer.currency
        run.order = Order(contact=contact, subtotal_minor=price, total_minor=price, currency=currency)
    return run


def _texts(form: Any) -> dict[str, dict[str, str]]:
    """What is typed, whether or not it is right already."""
    texts = {}
    for text in form.texts:
        subject, body = str(text.subject.value() or ""), str(text.body.value() or "")
        if body.strip():
            texts[text.code] = {"subject": subject.strip(), "body": body.replace("\r\n", "\n").strip()}
    return texts


def _person(typed: str) -> Contact | None:
    return Contact.objects.known().filter(email=normalize_email(typed)).first() if typed.strip() else None


def _somebody(request: Any) -> Contact:
    """Who stands for everybody until a contact is chosen; never saved."""
    return Contact(
        school_id=request.school.pk,
        name=_("Olena Sample"),
        email="olena@example.com",
        language=request.school.language,
    )
