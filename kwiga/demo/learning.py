"""How far the students of the sample school have come."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from contacts.models import Contact
from courses.models import Access, Course, Lesson, Submission
from courses.selectors import open_lessons, published_lessons
from courses.services.assignments import accept_submission, hand_in
from courses.services.progress import complete_lesson
from kwiga import clock
from schools.models import User

_LEARNERS = 45
_FINISHERS = 5  # each fifth of them goes on to the end
_WAITING = 2
_ANSWER = {
    "uk": "Моя найнижча ставка 480 грн. Відкладаю чверть. У тихому місяці напишу десятьом людям зі списку.",
    "pl": "Targ o szóstej rano: całość, ręce sprzedawcy, światło lampy, waga i kot pod stołem.",
    "en": "Good morning. In five minutes I will show why our support answers twice as fast as a year ago.",
}


def learn(courses: Iterable[Course], teacher: User, now: datetime) -> None:
    """Let students with access do lessons since they bought, one a day or so; some finish.

    The newest answers wait for the teacher. Who does what depends on the orders alone, not on the hour of the day.
    """
    chance = random.Random(45)  # noqa: S311  the same store every time
    lessons = {course.pk: list(published_lessons([course.pk]).select_related("course")) for course in courses}
    learners = _learners(chance, now)
    answers: list[Submission] = []
    for number, access in enumerate(learners):
        own = _open(access, lessons[access.course_id])
        plan = _days(access, own, chance, is_finisher=number % _FINISHERS == 0)
        answers += [answer for lesson, at in plan if (answer := _do(access.contact, lesson, at, now))]
    answers.sort(key=lambda answer: answer.created_at)
    for answer in answers[:-_WAITING]:
        with clock.at(answer.created_at + timedelta(hours=9)):
            accept_submission(submission=answer, comment="Well done.", actor=teacher)
    _remember({access.contact_id for access in learners}, now)


def _learners(chance: random.Random, now: datetime) -> list[Access]:
    """Half of those who have access, once for each course, the first to come first."""
    chosen: dict[tuple[int, int], Access] = {}
    for access in Access.objects.open_at(now).select_related("contact", "course").order_by("starts_at", "id"):
        key = (access.contact_id, access.course_id)
        if key not in chosen and len(chosen) < _LEARNERS and chance.random() < 0.5:
            chosen[key] = access
    return list(chosen.values())


def _open(access: Access, lessons: Sequence[Lesson]) -> list[Lesson]:
    opened = open_lessons(access.contact, access.course, access.starts_at)
    return [lesson for lesson in lessons if lesson.pk in opened]


def _days(
    access: Access, lessons: Sequence[Lesson], chance: random.Random, *, is_finisher: bool
) -> list[tuple[Lesson, datetime]]:
    """When each lesson is done, from the first on; some of it may lie ahead."""
    count = chance.randint(1, len(lessons))
    gaps = [timedelta(hours=chance.randint(20, 60)) for _lesson in lessons]
    first = access.starts_at + timedelta(hours=2)
    days = [(lesson, first + sum(gaps[:number], timedelta())) for number, lesson in enumerate(lessons)]
    return days if is_finisher else days[:count]


def _do(contact: Contact, lesson: Lesson, at: datetime, now: datetime) -> Submission | None:
    """Do the lesson unless it lies ahead; the answer that waits for the teacher, if one does."""
    if at + timedelta(days=1) > now:
        return None
    with clock.at(at):
        if lesson.kind != Lesson.Kind.ASSIGNMENT:
            complete_lesson(contact=contact, lesson=lesson)
            return None
        answer = hand_in(contact=contact, lesson=lesson, text=_ANSWER[contact.language or "en"])
    return answer if answer.state == Submission.State.SUBMITTED else None


def _remember(contacts: set[int], now: datetime) -> None:
    """Who learns has entered a mailed code before."""
    Contact.objects.filter(pk__in=contacts).update(
        verified_at=now - timedelta(days=30), last_seen_at=now - timedelta(hours=20)
    )
