from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.tokens import address_token
from schools.tenancy.models import TenantManager, TenantModel


class StoredFile(TenantModel):
    """What somebody uploaded. `path` is the name in the storage, below the school's own folder."""

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Everybody")  # covers and logos, re-encoded by us
        GUARDED = "guarded", _("Those with access")  # attachments and hand-ins: only through a view that checks

    token = models.CharField(max_length=12, default=address_token, editable=False)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.GUARDED)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    path = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[TenantManager["StoredFile"]] = TenantManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="schools_storedfile_address"),
        ]

    def __str__(self) -> str:
        return self.name
