"""Six digits by mail: signing in, and showing that a new email is one's own.

A code is ordered in the same way for every email, known or not: one sealed outbox row. Only the worker looks whether
somebody has that email, so that neither the answer nor its timing tells a stranger (trust C2).
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from contacts.emails import normalize_email
from contacts.models import Contact, SignInCode
from kwiga import clock, vault
from kwiga.tokens import digest, secret_token
from schools.journal import record_event
from schools.mail import queue_mail
from schools.outbox.queue import enqueue
from schools.tenancy.scope import current_school_id

KIND = "sign_in_code"
LIFETIME = timedelta(minutes=10)
TRIES = 5


@dataclass(frozen=True, kw_only=True)
class CodeOrder:
    """Who asked for a code. `browser` is the secret that this browser's session holds; `language` the page's."""

    email: str
    browser: str
    language: str


@transaction.atomic
def order_code(*, order: CodeOrder) -> None:
    """Have a code mailed to the contact with this email, if there is one. Says nothing about it."""
    reference = secret_token()
    sealed = vault.encrypt(json.dumps(asdict(order)), school_id=current_school_id(), name=f"{KIND}:{reference}")
    enqueue(KIND, dedupe_key=reference, payload={"sealed": sealed, "reference": reference})


def opened(payload: dict[str, str]) -> CodeOrder:
    """The order that an outbox row carries. Raises vault.VaultError for another school's."""
    name = f"{KIND}:{payload['reference']}"
    return CodeOrder(**json.loads(vault.decrypt(payload["sealed"], school_id=current_school_id(), name=name)))


@transaction.atomic
def send_code(*, order: CodeOrder) -> None:
    """Make the code and queue its mail in the language of the page; strangers get nothing."""
    contact = Contact.objects.known().filter(email=normalize_email(order.email)).first()
    if contact:
        _issue(contact, order.browser, to=contact.email, language=order.language, template="sign_in_code")


@transaction.atomic
def order_email_code(*, contact: Contact, email: str, browser: str, language: str) -> None:
    """Mail a code to the address that a signed-in contact wants to have; nothing when it is somebody else's.

    The code opens nothing but this change: it is bound to the new address.
    """
    email = normalize_email(email)
    if not Contact.objects.filter(email=email).exists():
        _issue(contact, _for_email(browser, email), to=email, language=language, template="email_change_code")


@transaction.atomic
def use_code(*, email: str, browser: str, code: str, language: str) -> Contact | None:
    """The contact whose code this is, once; None for a wrong, old, used or foreign one, and after five tries.

    Each try is counted before the digits are compared, so that many at once are no more than five. Signing in shows
    that the email is theirs, and the language of the page becomes the contact's when none was known.
    """
    contact = Contact.objects.known().filter(email=normalize_email(email)).first()
    if not _matches(contact.pk if contact else 0, browser, code) or contact is None:
        return None
    contact.verified_at = contact.verified_at or clock.now()
    contact.language = contact.language or language
    contact.save(update_fields=["verified_at", "language"])
    record_event("contact.signed_in", subject=contact)
    return contact


@transaction.atomic
def use_email_code(*, contact: Contact, email: str, browser: str, code: str) -> bool:
    """Whether this is the code that was mailed to the contact's new address; it works once."""
    return _matches(contact.pk, _for_email(browser, normalize_email(email)), code)


def _issue(contact: Contact, browser: str, *, to: str, language: str, template: str) -> None:
    now, code = clock.now(), f"{secrets.randbelow(1_000_000):06d}"
    spent = SignInCode.objects.filter(contact=contact)
    spent.filter(browser_digest=digest(browser)).delete()
    spent.filter(expires_at__lte=now).delete()
    row = SignInCode.objects.create(
        school_id=contact.school_id,
        contact=contact,
        browser_digest=digest(browser),
        code_digest=_digest(contact.pk, browser, code),
        expires_at=now + LIFETIME,
    )
    queue_mail(
        template=template,
        to=to,
        language=language,
        context={"code": code, "minutes": int(LIFETIME.total_seconds() // 60)},
        dedupe_key=f"{template}:{row.pk}",
    )


def _matches(contact_id: int, browser: str, code: str) -> bool:
    live = SignInCode.objects.filter(
        contact_id=contact_id, browser_digest=digest(browser), used_at=None, expires_at__gt=clock.now()
    )
    counted = live.filter(tries__lt=TRIES).update(tries=F("tries") + 1)
    row = live.first()  # also when there is none: an unknown email costs what a known one costs
    if not counted or row is None or not constant_time_compare(row.code_digest, _digest(contact_id, browser, code)):
        return False
    return bool(live.filter(pk=row.pk).update(used_at=clock.now()))


def _digest(contact_id: int, browser: str, code: str) -> str:
    """Keyed, so that six digits cannot be guessed back from a copy of the database."""
    text = f"{current_school_id()}\0{contact_id}\0{browser}\0{code}"
    return salted_hmac("contacts.sign-in-code", text, algorithm="sha256").hexdigest()


def _for_email(browser: str, email: str) -> str:
    return f"{browser}\0{email}"
