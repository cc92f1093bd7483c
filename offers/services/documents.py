"""Verbs of legal terms: documents whose wordings are only ever added to (K37)."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.richtext import clean, plain_text
from offers.models import OfferTermsDocument, TermsDocument, TermsText, TermsVersion
from offers.services.errors import TermsRefused
from offers.services.rules import is_safe_link
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


@dataclass(frozen=True, kw_only=True)
class DocumentTexts:
    """A wording in one language: HTML, which is cleaned, or a link to the text elsewhere."""

    language: str
    title: str
    body: str = ""
    url: str = ""


@transaction.atomic
def create_document(
    *, name: str, is_in_footer: bool, texts: tuple[DocumentTexts, ...], actor: User | None
) -> TermsDocument:
    """A document with its first version. Raises TermsRefused when no language has a text."""
    document = TermsDocument.objects.create(school_id=current_school_id(), name=name, is_in_footer=is_in_footer)
    _write_version(document, 1, texts)
    record_event("terms.created", subject=document, actor=actor)
    return document


@transaction.atomic
def publish_version(*, document: TermsDocument, texts: tuple[DocumentTexts, ...], actor: User | None) -> TermsVersion:
    """A new wording for whoever buys from now on; old orders keep the one they accepted. Raises TermsRefused."""
    locked = _locked(document)
    last = locked.versions.aggregate(last=Max("number"))["last"] or 0
    version = _write_version(locked, last + 1, texts)
    record_event("terms.published", subject=locked, actor=actor, data={"number": version.number})
    return version


@transaction.atomic
def change_document(*, document: TermsDocument, name: str, is_in_footer: bool, actor: User | None) -> TermsDocument:
    """Another name for the team, in the footer or not. Raises TermsRefused for an archived one."""
    locked = _locked(document)
    locked.name, locked.is_in_footer = name, is_in_footer
    locked.save(update_fields=["name", "is_in_footer"])
    record_event("terms.changed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def archive_document(*, document: TermsDocument, actor: User | None) -> TermsDocument:
    """Take a document out of the footer and off the lists to choose from; its versions stay readable.

    Raises TermsRefused while an offer still asks for it.
    """
    locked = _locked(document)
    if OfferTermsDocument.objects.filter(document=locked).exclude(offer__status="archived").exists():
        raise TermsRefused(_("Offers still show this document. Take it off them first."))
    locked.archived_at = clock.now()
    locked.save(update_fields=["archived_at"])
    record_event("terms.archived", subject=locked, actor=actor)
    return locked


@transaction.atomic
def restore_document(*, document: TermsDocument, actor: User | None) -> TermsDocument:
    """Bring an archived document back."""
    locked = TermsDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if locked.archived_at is not None:
        locked.archived_at = None
        locked.save(update_fields=["archived_at"])
        record_event("terms.restored", subject=locked, actor=actor)
    return locked


def _locked(document: TermsDocument) -> TermsDocument:
    locked = TermsDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if locked.archived_at is not None:
        raise TermsRefused(_("An archived document cannot be changed. Restore it first."))
    return locked


def _write_version(document: TermsDocument, number: int, texts: tuple[DocumentTexts, ...]) -> TermsVersion:
    if not texts:
        raise TermsRefused(_("Write the text in at least one language."))
    school_id = document.school_id
    version = TermsVersion.objects.create(school_id=school_id, document=document, number=number)
    for text in texts:
        _check_text(text)
        TermsText.objects.create(
            school_id=school_id,
            version=version,
            language=text.language,
            title=text.title,
            body=clean(text.body),
            url=text.url,
        )
    return version


def _check_text(text: DocumentTexts) -> None:
    if text.language not in dict(settings.LANGUAGES) or not text.title.strip():
        raise TermsRefused(_("Each text needs a title."))
    if bool(plain_text(text.body).strip()) == bool(text.url):
        raise TermsRefused(_("Give either the text or a link to it."))
    if text.url and not is_safe_link(text.url):
        raise TermsRefused(_("The link to the text must begin with https://."))
