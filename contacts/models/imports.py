"""Imports of contacts from a file: each line is kept until it is made or refused, so that a kill loses none."""

from django.conf import settings
from django.db import models

from kwiga import clock
from kwiga.tokens import address_token
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class ContactImport(TenantModel):
    """A file of contacts, read whole; nothing is made before somebody starts it."""

    token = models.CharField(max_length=12, default=address_token, editable=False)
    file_name = models.CharField(max_length=120)
    mapping = models.JSONField(default=dict)  # column of the file -> what it is: "email", "tag", "field:<token>"
    options = models.JSONField(default=dict)  # list to put them in, tags, whether facts are overwritten, consent
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="contacts_import_address"),
        ]
        indexes = [models.Index(fields=["school", "created_at", "id"], name="contacts_import_by_time")]

    def __str__(self) -> str:
        return self.file_name


class ContactImportLine(TenantModel):
    """One line of the file, by its number: what it said, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        MADE = "made"
        CHANGED = "changed"
        SAME = "same"
        REFUSED = "refused"

    contact_import = TenantForeignKey(ContactImport, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    cells = models.JSONField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    error = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact_import"),
            models.UniqueConstraint(fields=["school", "contact_import", "number"], name="contacts_importline_once"),
        ]

    def __str__(self) -> str:
        return f"line {self.number}"
