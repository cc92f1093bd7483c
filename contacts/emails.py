"""When are two typed emails the same person?"""

import unicodedata


def normalize_email(text: str) -> str:
    """The email under which a contact is known: trimmed and lower-cased; plus-tags are kept (domain.md).

    Invisible signs that come along with a copied address (zero-width spaces, marks of direction) are dropped.
    """
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return visible.strip().lower()
