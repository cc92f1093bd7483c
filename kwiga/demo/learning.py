"""How far the students of the sample school have come."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from contacts.models import Contact
from courses.models import Access, Course, Lesson, Submission
from courses.selectors import open_lessons, published_lessons
from courses.services.assignments import accept_submission, hand_in
from courses.services.progress import complete_lesson
from kwiga import clock
from schools.models import User

_LEARNERS = 45
_ANSWER = {
    "uk": "Моя найнижча ставка 480 грн. Відкладаю чверть. У тихому місяці напишу десятьом людям зі списку.",
    "pl": "Targ o szóstej rano: całość, ręce sprzedawcy, światło lampy, waga i kot pod stołem.",
    "en": "Good morning. In five minutes I will show why our support answers twice as fast as a year ago.",
}


def learn(courses: Iterable[Course], teacher: User, now: datetime) -> None:
    """Let students with access do lessons since they bought, one a day or so; some finish."""
    chance = random.Random(45)  # noqa: S311  the same store every time
    lessons = {course.pk: list(published_lessons([course.pk]).select_related("course")) for course in courses}
    accesses = Access.objects.open_at(now).select_related("contact", "course").order_by("starts_at", "id")
    seen: set[tuple[int, int]] = set()
    for access in accesses:
        key = (access.contact_id, access.course_id)
        if key not in seen and len(seen) < _LEARNERS and chance.random() < 0.5:
            seen.add(key)
            _study(access, lessons[access.course_id], chance, teacher, now)
    _remember({contact for contact, _course in seen}, now)


def _study(access: Access, lessons: list[Lesson], chance: random.Random, teacher: User, now: datetime) -> None:
    at, contact = access.starts_at + timedelta(hours=2), access.contact
    open_ones = open_lessons(contact, access.course, at)
    for lesson in [lesson for lesson in lessons if lesson.pk in open_ones][: chance.randint(1, len(lessons))]:
        if at + timedelta(days=1) > now:
            return
        _do(contact, lesson, teacher, at)
        at += timedelta(hours=chance.randint(20, 60))


def _do(contact: Contact, lesson: Lesson, teacher: User, at: datetime) -> None:
    with clock.at(at):
        if lesson.kind != Lesson.Kind.ASSIGNMENT:
            complete_lesson(contact=contact, lesson=lesson)
            return
        answer = hand_in(contact=contact, lesson=lesson, text=_ANSWER[contact.language or "en"])
    # The newest answers wait for the teacher.
    if answer.state == Submission.State.SUBMITTED and contact.pk % 3:
        with clock.at(at + timedelta(hours=9)):
            accept_submission(submission=answer, comment="Well done.", actor=teacher)


def _remember(contacts: set[int], now: datetime) -> None:
    """Who learns has entered a mailed code before."""
    Contact.objects.filter(pk__in=contacts).update(
        verified_at=now - timedelta(days=30), last_seen_at=now - timedelta(hours=20)
    )
