"""Codes by a pattern of the school's own, "BDAY-########": each # becomes a random sign that nobody misreads (P3)."""

import secrets

from django.utils.translation import ngettext

from coupons.codes import ALPHABET, CodeRefused, code_key

RANDOM = "#"
# A personal code is of use to its owner alone; one for everybody must not be found by trying (trust 2.5).
LEAST_PERSONAL, LEAST_OPEN = len(ALPHABET) ** 6, len(ALPHABET) ** 8


def combinations(pattern: str) -> int:
    """How many different codes the pattern can make."""
    signs = pattern.count(RANDOM)
    return len(ALPHABET) ** signs if signs else int(bool(pattern))


def check_pattern(pattern: str, *, is_personal: bool) -> None:
    """Raise CodeRefused for what can be no code, or for too few possible ones, with their number (P3.4)."""
    code_key(pattern.replace(RANDOM, ALPHABET[-1]))
    least = LEAST_PERSONAL if is_personal else LEAST_OPEN
    if (possible := combinations(pattern)) < least:
        needed = next(signs for signs in range(64) if len(ALPHABET) ** signs >= least)
        sentence = ngettext(
            "This pattern makes %(possible)s code, which is too few. Write at least %(needed)s signs #.",
            "This pattern makes %(possible)s different codes, which is too few. Write at least %(needed)s signs #.",
            possible,
        )
        raise CodeRefused(sentence % {"possible": f"{possible:,}".replace(",", "\N{NO-BREAK SPACE}"), "needed": needed})


def draw(pattern: str) -> str:
    """One code of the pattern, from the system's source of secrets."""
    return "".join(secrets.choice(ALPHABET) if sign == RANDOM else sign for sign in pattern)
