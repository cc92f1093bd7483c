"""The system checks that stop a tenant model without its fences before it reaches a database."""

import pytest
from django.db import models
from django.test.utils import isolate_apps

from offers.models import Offer
from schools.models import School
from schools.tenancy.checks import _check, check_tenant_models
from schools.tenancy.models import TenantForeignKey, TenantModel


def codes(model: type[models.Model]) -> set[str]:
    return {message.id for message in _check(model)}


def test_the_product_has_no_findings():
    assert check_tenant_models() == []


@isolate_apps("offers")
def test_model_without_school_or_reason_is_refused():
    class Loose(models.Model):
        class Meta:
            app_label = "offers"

    assert codes(Loose) == {"schools.E002"}


@isolate_apps("offers")
def test_model_that_forgot_the_constraints_of_the_base_is_refused():
    class Forgetful(TenantModel):
        class Meta(TenantModel.Meta):
            app_label = "offers"
            constraints = []

    assert codes(Forgetful) == {"schools.E003", "schools.E004"}


@isolate_apps("offers")
@pytest.mark.parametrize(
    ("link", "code"),
    [
        (lambda: models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+", db_index=False), "schools.E005"),
        (lambda: TenantForeignKey(Offer, on_delete=models.PROTECT, related_name="+"), "schools.E006"),
    ],
)
def test_link_between_tenants_needs_the_school_in_its_key(link, code):
    linked = type("Linked", (TenantModel,), {"offer": link(), "Meta": _meta(), "__module__": __name__})
    assert codes(linked) == {code}


def _meta() -> type:
    return type("Meta", (TenantModel.Meta,), {"app_label": "offers", "abstract": False})


@isolate_apps("offers")
def test_index_across_schools_is_refused():
    class Sorted(TenantModel):
        at = models.DateTimeField(db_index=True)

        class Meta(TenantModel.Meta):
            app_label = "offers"

    assert codes(Sorted) == {"schools.E007"}


def test_platform_school_is_not_a_tenant():
    assert codes(School) == set()
