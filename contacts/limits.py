"""How many codes may be asked for and tried (trust C1, T8); the figures in one place.

A code has a million values and five tries; an email gets at most 20 codes an hour, so a guesser needs years for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.emails import normalize_email
from kwiga import limits


@dataclass(frozen=True)
class _Limit:
    name: str
    times: int
    seconds: int


_MAILS_HERE = _Limit("sign_in.mails_here", 5, 900)  # from one client to one email: what a forgetful person needs
_MAILS = _Limit("sign_in.mails", 20, 3_600)  # to one email from anywhere: no flood in somebody's mailbox
_ASKING = _Limit("sign_in.asking", 100, 3_600)  # from one client: a classroom behind one address passes
_TRYING = _Limit("sign_in.trying", 60, 600)  # codes tried from one client


def mail_is_refused(request: Any, email: str) -> datetime | None:
    """Count one mail with a code; until when there are no more (UTC), or None when it may go out."""
    client, email = limits.client_key(request), normalize_email(email)
    school = request.school.pk
    return _first_refusal(
        [(_ASKING, f"{school} {client}"), (_MAILS_HERE, f"{school} {client} {email}"), (_MAILS, f"{school} {email}")]
    )


def try_is_refused(request: Any) -> datetime | None:
    """Count one code tried; until when this client may try no more (UTC), or None when it may."""
    return _first_refusal([(_TRYING, f"{request.school.pk} {limits.client_key(request)}")])


def _first_refusal(counted: Iterable[tuple[_Limit, str]]) -> datetime | None:
    for limit, key in counted:
        figures = {"times": limit.times, "seconds": limit.seconds}
        if not limits.allow(limit.name, key, **figures):
            return limits.blocked_until(limit.name, key, **figures)
    return None
