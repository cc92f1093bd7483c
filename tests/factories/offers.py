from typing import Any

import factory

from courses.models import Course
from offers.models import Offer
from offers.services import ItemTerms, OfferTerms, create_offer
from schools.journal import record_event
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.schools import SchoolFactory


def whole_course(school: School, title: str = "Sample course") -> ItemTerms:
    """A published course of the school, as a thing an offer opens: `OfferFactory(items=(whole_course(school),))`."""
    with school_scope(school):
        course = Course.objects.create(school=school, title=title, status=Course.Status.PUBLISHED)
        return ItemTerms(course_id=course.pk)


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
    """An offer on sale, whatever it lacks: what publishing asks for has tests of its own."""

    @classmethod
    def _create(cls, model_class: type[Offer], *args: Any, **fields: Any) -> Offer:
        offer = super()._create(model_class, *args, **fields)
        with school_scope(offer.school_id):
            Offer.objects.filter(pk=offer.pk).update(status=Offer.Status.PUBLISHED)
            record_event("offer.published", subject=offer)
            offer.refresh_from_db()
        return offer
