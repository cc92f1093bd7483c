"""One email, many first visits at once: one contact."""

import pytest

from contacts.models import Contact
from contacts.services.people import recognize_contact
from kwiga.clock import now
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.support.races import Meeting, race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.prove]
RACERS = 4


def test_many_first_visits_make_one_contact(school):
    def visit():
        with school_scope(school):
            return recognize_contact(email="New@example.test", name="New").pk

    outcomes = race(*[visit] * RACERS)
    assert len(set(outcomes)) == 1 and isinstance(outcomes[0], int), outcomes
    with school_scope(school):
        assert Contact.objects.count() == 1
        assert Event.objects.filter(kind="contact.created").count() == 1


def test_looking_first_and_then_making_loses_the_race(school):
    """The control: without ON CONFLICT all but one fail."""
    meeting = Meeting(RACERS)

    def visit():
        with school_scope(school):
            known = Contact.objects.filter(email="new@example.test").first()
            meeting.wait()
            return known or Contact.objects.create(school=school, email="new@example.test", created_at=now())

    failed = [outcome for outcome in race(*[visit] * RACERS) if isinstance(outcome, Exception)]
    assert len(failed) == RACERS - 1
