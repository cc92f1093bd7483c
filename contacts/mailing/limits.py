"""How many news a contact and a school get and send in a day, and at what hours (trust D3)."""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from contacts.mailing.hours import day_of, quiet_until
from contacts.models import Contact, SentMail
from schools.models import School

QUIET_HOURS, CONTACT_LIMIT, SCHOOL_LIMIT = "quiet_hours", "contact_limit", "school_limit"

# From here on the school's news are counted one after the other, so that many at once stay within the limit.
_CLOSE_TO_LIMIT = 500
_LOCKS_OF_NEWS = 7_204
# Far from it a count may be so old: nobody sends what lies between within that time.
_COUNT_KEPT_SECONDS = 1.0
_counts: dict[int, tuple[datetime, float, int]] = {}  # by school: since when was counted, when, and how many


@dataclass(frozen=True)
class Wait:
    """Why news cannot go out now, and when to ask again (UTC)."""

    reason: str
    until: datetime


def wait_for(school: School, contact: Contact, at: datetime) -> Wait | None:
    """What keeps news to the contact from going out at the instant, in the open scope; None when nothing does.

    The caller holds the contact's row lock, so that two mails to one contact are counted one after the other.
    """
    hours = (school.time_zone, school.quiet_from, school.quiet_until)
    if until := quiet_until(at, *hours):
        return Wait(QUIET_HOURS, until)
    begin, end = day_of(at, school.time_zone)
    if reason := _limit_reached(school, contact, begin):
        return Wait(reason, quiet_until(end, *hours) or end)
    return None


def _limit_reached(school: School, contact: Contact, begin: datetime) -> str:
    news = SentMail.objects.filter(is_news=True, created_at__gte=begin)
    if news.filter(contact=contact).count() >= school.news_a_contact_a_day:
        return CONTACT_LIMIT
    if _lately_sent(school, news, begin) + _CLOSE_TO_LIMIT < school.news_a_day:
        return ""
    sent = _count_to(news, school.news_a_day)
    if sent + _CLOSE_TO_LIMIT >= school.news_a_day > sent:
        _one_at_a_time(school)
        sent = _count_to(news, school.news_a_day)
    return SCHOOL_LIMIT if sent >= school.news_a_day else ""


def _lately_sent(school: School, news: QuerySet[SentMail], begin: datetime) -> int:
    """About how many news the school has sent: counted once a second by each process, however many they become."""
    since, counted_at, sent = _counts.get(school.pk, (begin, -_COUNT_KEPT_SECONDS, 0))
    if since != begin or time.monotonic() - counted_at >= _COUNT_KEPT_SECONDS:
        sent = _count_to(news, school.news_a_day)
        _counts[school.pk] = (begin, time.monotonic(), sent)
    return sent


def _count_to(news: QuerySet[SentMail], limit: int) -> int:
    return news.order_by()[:limit].count()


def _one_at_a_time(school: School) -> None:
    """Wait until other transactions that queue news of the school have ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS_OF_NEWS, school.pk])
