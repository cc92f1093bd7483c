from django.db import models

from schools.tenancy.models import TenantModel


class DemoRow(TenantModel):
    """A row that seeding made, so that it can be taken away without touching what people made since.

    The row of kind "seeded" stays behind: what was removed is not seeded again.
    """

    SEEDED = "seeded"

    kind = models.CharField(max_length=40)  # a model's name: "order", "contact", …
    object_id = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "kind", "object_id"], name="schools_demorow_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
