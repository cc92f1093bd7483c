"""Legal terms in the dashboard: documents, their versions, and where they are shown (K37)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kwiga.errors import DomainError
from offers import services
from offers.forms.terms import DocumentForm, TextForm, text_forms, typed_texts
from offers.models import TermsDocument, TermsVersion
from offers.selectors import documents_with_versions
from offers.views.manage import may_manage
from schools.access import requires
from schools.roles import Right
from schools.sites import site_url


@requires(Right.VIEW_OFFERS)
@require_safe
def document_list(request: Any) -> HttpResponse:
    """All documents, those in use first."""
    context = {"documents": documents_with_versions()}
    return render(request, "terms/document_list.html", context | may_manage(request))


@requires(Right.MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def document_new(request: Any) -> HttpResponse:
    """A document with its first wording."""
    data = request.POST if request.method == "POST" else None
    form, texts = DocumentForm(data, initial={"is_in_footer": True}), text_forms(data, None, request.school.language)
    if data is not None and form.is_valid() and _all_valid(texts):
        try:
            document = services.create_document(texts=typed_texts(texts), actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("“%(name)s” is published. Choose it in your offers.") % {"name": document.name})
            return redirect("terms:detail", request.school.slug, document.token)
    return render(request, "terms/version_form.html", {"form": form, "texts": texts})


@requires(Right.VIEW_OFFERS)
@require_safe
def document_detail(request: Any, token: str) -> HttpResponse:
    """A document with all its versions."""
    document = get_object_or_404(TermsDocument.objects, token=token)
    context = {
        "document": document,
        "versions": document.versions.prefetch_related("texts").order_by("-number"),
        "address": site_url(request.school, "terms", document.token),
        "form": DocumentForm(initial={"name": document.name, "is_in_footer": document.is_in_footer}),
    }
    return render(request, "terms/document_detail.html", context | may_manage(request))


@requires(Right.MANAGE_OFFERS)
@require_POST
def document_change(request: Any, token: str) -> HttpResponse:
    document = get_object_or_404(TermsDocument.objects, token=token)
    form = DocumentForm(request.POST)
    if form.is_valid():
        _try(
            request,
            lambda: services.change_document(document=document, actor=request.user, **form.cleaned_data),
            _("Saved."),
        )
    else:
        messages.error(request, _("The document needs a name."))
    return redirect("terms:detail", request.school.slug, document.token)


@requires(Right.MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def version_new(request: Any, token: str) -> HttpResponse:
    """A new wording, beginning with the newest one."""
    document = get_object_or_404(TermsDocument.objects, token=token)
    newest = document.versions.order_by("-number").first()
    data = request.POST if request.method == "POST" else None
    texts = text_forms(data, newest, request.school.language)
    if data is not None and _all_valid(texts):
        try:
            services.publish_version(document=document, texts=typed_texts(texts), actor=request.user)
        except DomainError as error:
            texts[0].add_error(None, str(error))
        else:
            messages.success(request, _("The new version is published. Old orders keep the one they accepted."))
            return redirect("terms:detail", request.school.slug, document.token)
    return render(request, "terms/version_form.html", {"document": document, "texts": texts})


@requires(Right.VIEW_OFFERS)
@require_safe
def version_detail(request: Any, token: str, number: int) -> HttpResponse:
    """One wording in all its languages, also an old one."""
    rows = TermsVersion.objects.select_related("document").prefetch_related("texts")
    version = get_object_or_404(rows, document__token=token, number=number)
    return render(request, "terms/version_detail.html", {"version": version, "document": version.document})


@requires(Right.MANAGE_OFFERS)
@require_POST
def document_archive(request: Any, token: str) -> HttpResponse:
    document = get_object_or_404(TermsDocument.objects, token=token)
    _try(
        request,
        lambda: services.archive_document(document=document, actor=request.user),
        _("The document is archived. Its versions stay readable."),
    )
    return redirect("terms:detail", request.school.slug, document.token)


@requires(Right.MANAGE_OFFERS)
@require_POST
def document_restore(request: Any, token: str) -> HttpResponse:
    document = get_object_or_404(TermsDocument.objects, token=token)
    _try(
        request,
        lambda: services.restore_document(document=document, actor=request.user),
        _("The document is in use again."),
    )
    return redirect("terms:detail", request.school.slug, document.token)


def _try(request: Any, act: Callable[[], object], done: Any) -> None:
    """Do it and say so, or say why not."""
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)


def _all_valid(texts: list[TextForm]) -> bool:
    answers = [form.is_valid() for form in texts]  # each is asked, so that each says what is wrong with it
    return all(answers)
