"""What people type as a code, and the one form in which codes are compared (domain.md, "Coupons and codes"; trust C3).

A code is letters and digits of one script, `-` and `_`; the case, spaces around it and signs nobody sees do not matter.
"""

import re
import secrets
import unicodedata

from django.utils.translation import gettext_lazy as _

from kwiga.errors import DomainError

SHORTEST, LONGEST = 2, 64
# Letters and digits that nobody mistakes for another: no 0 O 1 I L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SUGGESTED_LENGTH = 12
# Fewer possible codes than 2 ** 36 can be tried out by somebody patient (trust 2.5).
_SAFE_BITS, _BITS_PER_SIGN = 36, 4.95

_LETTERS = ("Lu", "Ll", "Lt", "Lo")
# Signs without a shape that are not in category Cf: fillers, joiners, selectors of variants.
_SHAPELESS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class CodeRefused(DomainError):
    """What was typed cannot be a code; the message says why."""


def tidy_code(text: str) -> str:
    """A code as it is kept and shown: compatibility forms resolved, nothing invisible, trimmed, on one line (NFKC)."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if not _is_invisible(sign))
    return " ".join(unicodedata.normalize("NFKC", seen).strip().splitlines())


def code_key(text: str) -> str:
    """The form in which codes are compared: NFKC, nothing invisible, trimmed, upper case, white space inside as "-".

    Raises CodeRefused for an empty, too short or too long code, for signs other than letters, digits, "-" and "_",
    and for letters of more than one script.
    """
    if len(text) > 8 * LONGEST:
        raise CodeRefused(_("A code has at most 64 characters."))
    # Some letters have a capital only in two steps, or one that is written in two.
    key = _capitals(_capitals(re.sub(r"\s+", "-", tidy_code(text))))
    if not key:
        raise CodeRefused(_("Enter a code."))
    if len(key) < SHORTEST:
        raise CodeRefused(_("A code has at least 2 characters."))
    if len(key) > LONGEST:
        raise CodeRefused(_("A code has at most 64 characters."))
    _check_signs(key)
    return key


def suggest_code() -> str:
    """A code nobody guesses or misreads: 12 of 31 signs, 59 bits, from the system's source of secrets.

    One in forty would be letters alone and might be a word: it is drawn again.
    """
    while is_guessable(code := "".join(secrets.choice(ALPHABET) for _sign in range(SUGGESTED_LENGTH))):
        pass
    return code


def is_guessable(code: str) -> bool:
    """Whether somebody patient could hit upon the code: too short, all digits, or letters alone, which may be a word.

    A warning for personal and bulk codes; a word on a poster is meant to be known.
    """
    signs = [sign for sign in code_key(code) if sign.isalnum()]
    has_digit, has_letter = any(sign.isdigit() for sign in signs), any(sign.isalpha() for sign in signs)
    if not (has_digit and has_letter):
        return True
    return len(signs) * _BITS_PER_SIGN < _SAFE_BITS


def _is_invisible(sign: str) -> bool:
    if sign.isspace():
        return False
    return unicodedata.category(sign) in ("Cf", "Cc", "Cn", "Co", "Cs") or bool(_SHAPELESS.match(sign))


def _capitals(text: str) -> str:
    return unicodedata.normalize("NFKC", text.upper())


def _check_signs(key: str) -> None:
    scripts = {_script(sign) for sign in key if sign not in "-_" and not ("0" <= sign <= "9")}
    if "" in scripts:
        raise CodeRefused(_("A code is made of letters, digits, “-” and “_”."))
    if len(scripts) > 1:
        raise CodeRefused(_("Letters of different alphabets look alike: write the code in one of them."))


def _script(sign: str) -> str:
    """The script of a letter, told by its name in Unicode; empty for what is no letter."""
    if unicodedata.category(sign) not in _LETTERS:
        return ""
    return unicodedata.name(sign, "").partition(" ")[0]
