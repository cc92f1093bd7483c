from django.db import models

from schools.tenancy.models import TenantModel


class SearchWord(TenantModel):
    """One word under which an object is found; see `schools.search`. Collation "C", so a prefix is a range."""

    kind = models.CharField(max_length=20)
    word = models.CharField(max_length=64, db_collation="C")
    object_id = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "kind", "word", "object_id"], name="schools_searchword_once"),
        ]
        indexes = [models.Index(fields=["school", "kind", "object_id"], name="schools_searchword_object")]

    def __str__(self) -> str:
        return self.word
