"""A look at what automations did."""

from automations.models import Run, RunStep
from contacts.models import SentMail
from coupons.models import Coupon
from courses.services.progress import complete_lesson
from schools.tenancy.scope import school_scope
from tests.factories.courses import lessons_of


def runs(school):
    """(state, reason) of each run, oldest first."""
    with school_scope(school):
        return list(Run.objects.order_by("id").values_list("state", "reason"))


def only_run(school):
    with school_scope(school):
        return Run.objects.select_related("automation", "contact").get()


def steps(school):
    """(position, state, reason) of each step of all runs, in their order."""
    with school_scope(school):
        return list(RunStep.objects.order_by("run", "position").values_list("position", "state", "reason"))


def coupons(school):
    with school_scope(school):
        return list(Coupon.objects.order_by("id"))


def mails(school):
    """The mails to contacts that the school knows of: (contact's id, subject), oldest first."""
    with school_scope(school):
        return list(SentMail.objects.order_by("id").values_list("contact_id", "subject"))


def complete(contact, course):
    """The contact does every lesson of the course."""
    with school_scope(course.school_id):
        for lesson in lessons_of(course):
            complete_lesson(contact=contact, lesson=lesson)
