"""From an event to the mail, through the real drainer: a course done, a personal coupon, a mail that names it."""

import re

import pytest
from django.core import mail as django_mail

from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon
from tests.factories.courses import CourseFactory, give_access
from tests.support.automations import complete, coupons, mails, runs, steps

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.mark.spec("P1.5: the log says the result of each step")
@pytest.mark.spec("P3.1")
def test_a_completed_course_brings_a_coupon_by_mail(school, contact):
    course = CourseFactory(school=school)
    give_access(contact, course)
    text = "Well done, {{ contact.name }}: {{ coupon.code }} gives {{ coupon.size }} until {{ coupon.expires }}."
    AutomationFactory(
        school=school,
        trigger="course.progress",
        trigger_settings={"course": course.token, "percent": 100},
        steps=(percent_coupon(), mail(text)),
    )
    complete(contact, course)
    drain()
    assert runs(school) == [("done", "")]
    assert steps(school) == [(0, "done", ""), (1, "done", "")]
    (coupon,) = coupons(school)
    assert coupon.contact_id == contact.pk
    with school_scope(school):
        code = coupon.codes.get().code
    assert mails(school) == [(contact.pk, "News")]
    (letter,) = [each for each in django_mail.outbox if each.subject == "News"]
    assert re.search(rf"Well done, Olena: {code} gives 15% until .+\.", letter.body)
