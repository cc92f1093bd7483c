"""Verbs of people, who belong to no school and so to no journal."""

from django.db import transaction

from schools.models import User


@transaction.atomic
def rename_person(*, user: User, name: str) -> User:
    """Give a person another name; empty means that others see the email."""
    user.name = " ".join(name.split())
    user.save(update_fields=["name"])
    return user
