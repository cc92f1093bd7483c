"""The second school: one small course on sale, and nobody who bought it."""

from courses.services.content import CourseTerms, create_course, publish_course
from courses.services.outline import LessonTerms, add_lesson, add_module, publish_lesson
from kwiga import clock
from kwiga.demo.rows import MadeRows, was_seeded
from kwiga.demo.sample import TRANSFER, forget_messages
from offers.services import ItemTerms, OfferTerms, create_offer, publish_offer
from orders.services.connections import connect
from schools.models import School, User
from schools.tenancy.scope import school_scope

TOKEN = "OtherOffer12"  # noqa: S105  an address


def fill_other(school: School, owner: User) -> None:
    """Give the school its course and offer, once."""
    with school_scope(school):
        if was_seeded():
            return
        rows = MadeRows()
        terms = CourseTerms(title="Малюнок з натури", summary="Десять вправ надворі, з олівцем.", category="Мистецтво")
        course = rows.add(create_course(terms=terms, actor=owner))
        module = add_module(course=course, title="Перша прогулянка", actor=owner)
        text = LessonTerms(title="Лінія", body="<p>Оберіть дерево й малюйте його контур, не відриваючи олівця.</p>")
        publish_lesson(lesson=add_lesson(module=module, terms=text, actor=owner), actor=owner)
        publish_course(course=course, actor=owner)
        details = {"details": "Other School LLC\nIBAN UA90 3052 9900 0002 6007 2335 6600 2"}
        connect(provider=TRANSFER, options=details, actor=owner)
        offer = create_offer(
            terms=OfferTerms(
                title="Drawing from nature",
                description="Ten lessons outdoors, with a pencil.",
                price_minor=90_000,
                currency="UAH",
                items=(ItemTerms(course_id=course.pk),),
            ),
            actor=owner,
            token=TOKEN,
        )
        publish_offer(offer=rows.add(offer), actor=owner)
        forget_messages(clock.now())
        rows.keep()
