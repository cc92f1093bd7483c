"""Who orders what, when, and how it ends: 300 orders over 90 days, the same ones every time."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kwiga.demo.offers import MAIN
from kwiga.demo.people import Student, students

DAYS = 90


class Outcome(StrEnum):
    """What becomes of an order."""

    CARD = "card"
    TRANSFER = "transfer"
    SECOND_TRY = "second_try"
    MENTOR = "mentor"
    FREE = "free"
    FAILED = "failed"
    WAITING = "waiting"
    LEFT = "left"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    PART_REFUNDED = "part_refunded"
    MANUAL = "manual"
    MANUAL_PAID = "manual_paid"
    MOVED = "moved"
    LATE = "late"
    SHORT = "short"


@dataclass(frozen=True)
class Share:
    """How many orders end like this, and between how many days ago they were placed."""

    count: int
    newest: int = 1
    oldest: int = DAYS - 1


SHARES = {
    Outcome.CARD: Share(166, newest=0),
    Outcome.TRANSFER: Share(24, newest=3),
    Outcome.SECOND_TRY: Share(12),
    Outcome.MENTOR: Share(5, newest=4, oldest=28),
    Outcome.FREE: Share(26, newest=0),
    Outcome.FAILED: Share(4, newest=1, oldest=5),
    Outcome.WAITING: Share(5, newest=0, oldest=5),
    Outcome.LEFT: Share(6, newest=0, oldest=5),
    Outcome.CANCELED: Share(11, newest=2),
    Outcome.EXPIRED: Share(18, newest=9),
    Outcome.REFUNDED: Share(6, newest=8),
    Outcome.PART_REFUNDED: Share(4, newest=8),
    Outcome.MANUAL: Share(5),
    Outcome.MANUAL_PAID: Share(3, newest=4),
    Outcome.MOVED: Share(2, newest=6),
    Outcome.LATE: Share(2, newest=9, oldest=20),
    Outcome.SHORT: Share(1, newest=1, oldest=2),
}
# What somebody of this language likes to buy, the likeliest first.
_LIKED = {
    "uk": ("HroshiKurs01", MAIN, "Grammar7Week", "AlumniOffer1", "FotoTelefonA"),
    "pl": ("FotoTelefonA", MAIN, "FotoLato0001", "Grammar7Week", "AlumniOffer1"),
    "en": (MAIN, "Grammar7Week", "AlumniOffer1", "FotoTelefonA", "HroshiKurs01"),
}
_SEASONAL = {"FotoLato0001": 52}  # placed longer than so many days ago
_SOURCES = ("", "", "", "instagram", "newsletter", "google", "facebook")


@dataclass(frozen=True, kw_only=True)
class PlannedOrder:
    """One order to be."""

    number: int
    at: datetime
    student: Student
    offer: str
    outcome: Outcome
    source: str


def planned_orders(today: datetime) -> list[PlannedOrder]:
    """All of them, oldest first. `today` is a midnight; nothing lies behind it."""
    chance = random.Random(2026)  # noqa: S311  the same store every time
    buying = _Buying(chance)
    placed = sorted(_placed(chance), key=lambda pair: -pair[1])
    return [
        PlannedOrder(
            number=number,
            at=today - timedelta(days=days),
            student=student,
            offer=offer,
            outcome=outcome,
            source=chance.choice(_SOURCES),
        )
        for number, (outcome, days) in enumerate(placed)
        for student, offer in [buying.choose(outcome, days)]
    ]


def _placed(chance: random.Random) -> list[tuple[Outcome, float]]:
    """Outcomes with how many days before today's midnight they were placed; more of late, none at night."""
    found = []
    for outcome, share in SHARES.items():
        for _time in range(share.count):
            whole = chance.choices(
                range(share.newest, share.oldest + 1), [140 - day for day in range(share.newest, share.oldest + 1)]
            )[0]
            # The day begins `whole + 1` days ago; people buy from seven in the morning to ten at night.
            found.append((outcome, whole + 1 - chance.uniform(7, 22) / 24))
    return found


class _Buying:
    """Nobody buys the same thing twice while there is something else to buy."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._students = chance, students()
        self._bought: defaultdict[str, set[str]] = defaultdict(set)

    def choose(self, outcome: Outcome, days_ago: float) -> tuple[Student, str]:
        """Who buys, and what."""
        for _try in range(200):
            student = self._chance.choice(self._students)
            for offer in self._liked(student, outcome, days_ago):
                if offer not in self._bought[student.email]:
                    self._bought[student.email].add(offer)
                    return student, offer
        raise LookupError("everybody has bought everything")

    def _liked(self, student: Student, outcome: Outcome, days_ago: float) -> list[str]:
        if outcome == Outcome.FREE:
            return ["FirstLesson0"]
        if outcome == Outcome.MENTOR:
            return ["HroshiMentor"] if student.language == "uk" else []
        liked = [offer for offer in _LIKED[student.language] if days_ago > _SEASONAL.get(offer, 0)]
        first = self._chance.choices(liked, range(len(liked) * 2, 0, -2))[0]
        return [first, *liked]
