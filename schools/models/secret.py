from django.db import models

from kwiga import clock
from schools.tenancy.models import TenantModel


class Secret(TenantModel):
    """A key or password of a school, encrypted for this school and name (trust D6); see `schools.services.secrets`."""

    name = models.CharField(max_length=80)
    ciphertext = models.TextField()
    last_four = models.CharField(max_length=4)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "name"], name="schools_secret_once"),
        ]

    def __str__(self) -> str:
        return self.name
