"""What a person may ask for: everything that is held about them, and to be forgotten."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from contacts.emails import normalize_email
from contacts.holdings import holdings
from contacts.models import Contact
from contacts.personal_data import zip_of
from contacts.services.erasing import erase_contact
from schools.access import asks_again, requires
from schools.journal import record_event
from schools.roles import Right


class ErasureForm(forms.Form):
    """The email of the contact, typed once more."""

    typed = forms.CharField(label=_("Type the email of the contact to confirm"), max_length=254)

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = contact.email

    def clean_typed(self) -> str:
        typed = normalize_email(self.cleaned_data["typed"])
        if typed != self._email:
            raise forms.ValidationError(_("This is not the email of the contact."))
        return typed


@requires(Right.EXPORT_CONTACTS)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def personal_data(request: Any, token: str) -> HttpResponseBase:
    """What the file will hold, and (POST) the file."""
    contact = get_object_or_404(Contact.objects.known(), token=token)
    if request.method != "POST":
        return render(request, "contacts/personal_data.html", {"contact": contact, "counts": counts_of(contact)})
    record_event("contact.exported", subject=contact, actor=request.user)
    response = StreamingHttpResponse(zip_of(request.school, contact.pk), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="personal-data-{contact.token}.zip"'
    response["Cache-Control"] = "no-store"
    response.tenant_safe = True  # type: ignore[attr-defined]
    return response


@requires(Right.ERASE_CONTACTS)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def contact_erase(request: Any, token: str) -> HttpResponse:
    """Say what goes and what stays, and forget the person once their email was typed."""
    contact = get_object_or_404(Contact.objects.known(), token=token)
    form = ErasureForm(request.POST or None, contact=contact)
    if request.method == "POST" and form.is_valid():
        erase_contact(contact=contact, actor=request.user)
        messages.success(request, _("The contact was erased. Orders and amounts stay as they were."))
        return redirect("contacts:list", request.school.slug)
    return render(
        request, "contacts/contact_erasure.html", {"contact": contact, "form": form, "counts": counts_of(contact)}
    )


def counts_of(contact: Contact) -> list[tuple[Any, int]]:
    """What is held about the contact, in numbers above zero."""
    return [pair for holding in holdings() for pair in holding.counts(contact) if pair[1]]
