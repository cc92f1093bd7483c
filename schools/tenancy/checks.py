"""System checks: no model of a school may lack a fence. They run with every command and every start."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import models

from schools.tenancy.constraints import DirectoryPolicy, TenantKey, TenantPolicy
from schools.tenancy.models import TenantForeignKey, TenantModel
from schools.tenancy.tables import DIRECTORY_TABLES, PLATFORM_TABLES


def check_tenant_models(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Every model is on the platform list or wears all fences of a tenant."""
    found = [
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    ]
    return [message for model in found for message in _check(model)]


def _check(model: type[models.Model]) -> Iterator[CheckMessage]:
    table = model._meta.db_table
    if table in DIRECTORY_TABLES:
        yield from _lacks(model, DirectoryPolicy, "schools.E001")
    elif table not in PLATFORM_TABLES:
        yield from _check_tenant(model)


def _check_tenant(model: type[models.Model]) -> Iterator[CheckMessage]:
    if not any(field.name == "school" for field in model._meta.get_fields()):
        yield Error(f"{model.__name__} has no school and is not on the platform list.", obj=model, id="schools.E002")
        return
    yield from _lacks(model, TenantPolicy, "schools.E003")
    yield from _check_links(model)
    yield from _check_order(model)
    if issubclass(model, TenantModel) and not _is_unique_in_school(model):
        yield Error(f"{model.__name__} lacks the unique (school, id).", obj=model, id="schools.E004")


def _lacks(model: type[models.Model], policy: type[Any], code: str) -> Iterator[CheckMessage]:
    if not any(isinstance(constraint, policy) for constraint in model._meta.constraints):
        yield Error(f"{model.__name__} lacks a {policy.__name__} in Meta.constraints.", obj=model, id=code)


def _is_unique_in_school(model: type[models.Model]) -> bool:
    uniques = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    return any(unique.fields == ("school", "id") and unique.condition is None for unique in uniques)


def _check_links(model: type[models.Model]) -> Iterator[CheckMessage]:
    if not issubclass(model, TenantModel):
        return  # a history table: it points at its row without a key, so that the row may go
    keys = {constraint.field for constraint in model._meta.constraints if isinstance(constraint, TenantKey)}
    for field in [*model._meta.fields, *model._meta.many_to_many]:
        target: Any = field.remote_field and field.remote_field.model
        if target is None or _model(target)._meta.db_table in PLATFORM_TABLES:
            continue
        if isinstance(field, models.OneToOneField) or not isinstance(field, TenantForeignKey):
            yield Error(f"{model.__name__}.{field.name} must be a TenantForeignKey.", obj=field, id="schools.E005")
        elif field.name not in keys:
            yield Error(f"{model.__name__}.{field.name} lacks its TenantKey.", obj=field, id="schools.E006")


def _model(target: Any) -> type[models.Model]:
    return apps.get_model(target) if isinstance(target, str) else target


def _first_of(index: models.Index | models.UniqueConstraint) -> str:
    """The column an index begins with; of an index of expressions the first one, when it is a bare column."""
    first = next(iter([*index.fields, *index.expressions]), "")
    return str(getattr(first, "name", first))


def _check_order(model: type[models.Model]) -> Iterator[CheckMessage]:
    uniques = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    for index in [*model._meta.indexes, *uniques]:
        if _first_of(index) != "school":
            yield Error(f"{model.__name__}: {index.name} must start with school.", obj=model, id="schools.E007")
    for field in model._meta.fields:
        if not field.primary_key and (field.unique or getattr(field, "db_index", False)):
            yield Error(
                f"{model.__name__}.{field.name}: its index must start with school.", obj=field, id="schools.E007"
            )
