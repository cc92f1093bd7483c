"""The objects whose addresses the crawler opens: one of each kind in a school."""

import hashlib
from dataclasses import dataclass

from django.apps import apps

from offers.models import Offer
from schools.models import Invitation, Member, School
from schools.tenancy.models import TenantModel
from schools.tenancy.scope import school_scope
from tests.factories.world import fill


@dataclass(frozen=True)
class World:
    school: School
    offer: Offer
    member: Member
    invitation: Invitation


def world_of(school: School) -> World:
    """Fill the school and pick one object of each kind."""
    fill(school)
    with school_scope(school):
        return World(
            school=school,
            offer=Offer.objects.get(),
            member=Member.objects.filter(school=school).earliest("pk"),
            invitation=Invitation.objects.get(),
        )


def fingerprint(school: School) -> str:
    """A digest of every row of the school, to show that nothing of it changed."""
    digest = hashlib.sha256()
    with school_scope(school):
        for model in apps.get_models():
            if issubclass(model, TenantModel) or model.__name__ in {"Domain", "Member"}:
                rows = model._default_manager.filter(school_id=school.pk).order_by("pk").values_list()
                digest.update(repr((model.__name__, list(rows))).encode())
    return digest.hexdigest()
