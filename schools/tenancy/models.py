"""The base of every row that belongs to a school."""

from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from schools.tenancy.constraints import TenantPolicy
from schools.tenancy.scope import current_school_id

_M = TypeVar("_M", bound=models.Model, covariant=True)


class TenantManager(models.Manager[_M]):
    """Rows of the open scope's school. Raises ScopeError outside a scope."""

    def get_queryset(self) -> models.QuerySet[_M]:
        return super().get_queryset().filter(school_id=current_school_id())


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A link between rows of one school. The key itself is a `TenantKey` in Meta.constraints."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **({"db_constraint": False, "db_index": False} | kwargs))


class TenantModel(models.Model):
    """A row of one school. A child with constraints of its own repeats these:

    class Meta(TenantModel.Meta):
        constraints = [*TenantModel.Meta.constraints, …]
    """

    school = models.ForeignKey("schools.School", on_delete=models.PROTECT, related_name="+", db_index=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        constraints = [
            TenantPolicy(name="%(app_label)s_%(class)s_tenant"),
            models.UniqueConstraint(fields=["school", "id"], name="%(app_label)s_%(class)s_in_school"),
        ]
