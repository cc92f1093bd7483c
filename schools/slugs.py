"""A school's address: which words may be one, and a suggestion made from its name."""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from kwiga.errors import DomainError

MIN_LENGTH, MAX_LENGTH = 3, 40
_SHAPE = re.compile(r"[a-z0-9](-?[a-z0-9])*")

# First path segments of the root host (tests/schools/test_slugs.py compares them with the resolver), then host names
# that no school may own and words kept for pages to come.
_WORDS = """
    account accounts files livez mailbox preferences readyz schools static styleguide webhooks

    about abuse admin administrator api app apps assets autoconfig autodiscover billing blog cdn contact cookies
    dashboard demo dev dns docs domains download email example favicon ftp help host hostmaster hosts imap info internal
    jobs kwiga landing legal localhost login logout mail media metrics monitor mta new news ns1 ns2 null office ops
    owner pay payments platform pop pop3 postmaster press pricing privacy production public register robots root sandbox
    schema school search security settings shop sign-in sign-out sign-up signin signout signup site sites sitemap smtp
    ssl staff staging start status store support sysadmin system team terms test undefined user users wildcard www
    webmail webmaster well-known
"""
RESERVED = frozenset(_WORDS.split())

# Ukrainian by the national rules of 2010, with the letters of neighbors; what NFKD takes apart needs no line here.
_LATIN = str.maketrans(
    dict(zip("абвгґдезийіклмнопрстуфыэё", "abvhgdezyyiklmnoprstufyee", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "є": "ie", "ї": "i", "ю": "iu", "я": "ia"}
    | {"ь": "", "ъ": "", "'": "", "’": "", "ʼ": ""}
    | {"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "&": " and "}
)


class SlugRefused(DomainError):
    """The address cannot be used."""


def check_slug(slug: str) -> None:
    """Raise SlugRefused, with the reason, for an address of the wrong shape or a reserved word."""
    if not MIN_LENGTH <= len(slug) <= MAX_LENGTH:
        raise SlugRefused(
            _("The address needs %(least)d to %(most)d characters.") % {"least": MIN_LENGTH, "most": MAX_LENGTH}
        )
    if not _SHAPE.fullmatch(slug):
        raise SlugRefused(_("Use only lower-case Latin letters, digits and single hyphens between them."))
    if slug in RESERVED:
        raise SlugRefused(_("This address is reserved. Choose another one."))


def suggest_slug(name: str) -> str:
    """The name as an address, "Школа йоги" as "shkola-yohy"; empty when nothing usable is left of it.

    The result has the right shape, but may be reserved or taken.
    """
    latin = unicodedata.normalize("NFC", name).lower().translate(_LATIN)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(letter))
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:MAX_LENGTH].strip("-")
    return slug if len(slug) >= MIN_LENGTH else ""
