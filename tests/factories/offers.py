from typing import Any

import factory

from offers.models import Offer
from offers.services import OfferTerms, create_offer, publish_offer
from schools.tenancy.scope import school_scope
from tests.factories.schools import SchoolFactory


class OfferFactory(factory.Factory[Offer]):
    """A draft in a school, made by the service that makes them."""

    class Meta:
        model = Offer

    school = factory.SubFactory(SchoolFactory)
    title = factory.Sequence(lambda n: f"Course {n}")
    description = "What you will learn."
    price_minor = 120_000
    currency = "UAH"

    @classmethod
    def _create(cls, model_class: type[Offer], *args: Any, **fields: Any) -> Offer:
        school, token = fields.pop("school"), fields.pop("token", None)
        with school_scope(school):
            return create_offer(terms=OfferTerms(**fields), actor=None, token=token)


class PublishedOfferFactory(OfferFactory):
    """An offer on sale."""

    @classmethod
    def _create(cls, model_class: type[Offer], *args: Any, **fields: Any) -> Offer:
        offer = super()._create(model_class, *args, **fields)
        with school_scope(offer.school_id):
            return publish_offer(offer=offer, actor=None)
