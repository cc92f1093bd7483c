"""Under which words contacts are found (schools.search)."""

from contacts.models import Contact

SEARCH_KIND = "contact"


def words_about(contact: Contact) -> tuple[str, str, str]:
    """The texts whose words lead to the contact."""
    return contact.email, contact.name, contact.phone
