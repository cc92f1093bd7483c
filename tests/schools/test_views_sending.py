"""Settings > Sending: quiet hours and limits of news."""

from datetime import time

import pytest

from schools.models import Event, School
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory

URL = "/green/settings/sending/"
TYPED = {"quiet_from": "21:00", "quiet_until": "08:30", "news_a_contact_a_day": "2", "news_a_day": "5000"}


@pytest.fixture
def boss(owner, staff):
    return staff(owner)


def test_what_was_typed_is_saved_and_told(boss, school):
    answer = boss.post(URL, TYPED, follow=True)
    assert "Saved." in answer.text
    school.refresh_from_db()
    assert (school.quiet_from, school.quiet_until) == (time(21), time(8, 30))
    assert (school.news_a_contact_a_day, school.news_a_day) == (2, 5000)
    with school_scope(school):
        fields = Event.objects.filter(kind="school.changed").latest("id").data["fields"]
    assert fields == ["news_a_contact_a_day", "news_a_day", "quiet_from", "quiet_until"]
    assert 'value="08:30"' in boss.get(URL).text


def test_no_quiet_hours(boss, school):
    School.objects.filter(pk=school.pk).update(quiet_from=time(21), quiet_until=time(8))
    boss.post(URL, TYPED | {"quiet_from": "", "quiet_until": ""})
    school.refresh_from_db()
    assert (school.quiet_from, school.quiet_until) == (None, None)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"quiet_until": ""}, "Say when quiet hours end"),
        ({"quiet_from": ""}, "Say when quiet hours begin"),
        ({"quiet_until": "21:00"}, "two different times"),
        ({"quiet_from": "25:99"}, "Enter a valid time"),
        ({"news_a_contact_a_day": "0"}, "greater than or equal to 1"),
        ({"news_a_contact_a_day": "51"}, "less than or equal to 50"),
        ({"news_a_day": "-1"}, "greater than or equal to 1"),
        ({"news_a_day": "1000001"}, "less than or equal to 1000000"),
        ({"news_a_day": ""}, "required"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(boss, school, typed, sentence):
    answer = boss.post(URL, TYPED | typed)
    assert answer.status_code == 200
    assert sentence in answer.text
    school.refresh_from_db()
    assert school.quiet_from is None


@pytest.mark.parametrize("role", [Role.SALES, Role.MARKETING, Role.TEACHER, Role.SUPPORT, Role.READ_ONLY])
def test_only_owner_and_admin_decide(role, school, staff):
    client = staff(MemberFactory(school=school, role=role).user)
    assert client.get(URL).status_code == 403
    assert client.post(URL, TYPED).status_code == 403
