"""What the demo schools sell: an offer of every kind."""

from datetime import datetime, timedelta
from typing import Any

from kwiga import clock
from kwiga.demo.courses import MadeCourse
from kwiga.demo.covers import draw_cover
from kwiga.demo.rows import MadeRows
from offers.models import Offer, TermsDocument
from offers.services import OfferTerms, create_offer, publish_offer
from offers.services.terms import DocumentTerms, ItemTerms, QuestionTerms
from schools.files import store_image
from schools.models import User

MAIN = "TnHG7QjEFukO"
Facts = dict[str, Any]


def make_offers(
    rows: MadeRows, courses: dict[str, MadeCourse], documents: tuple[TermsDocument, TermsDocument], actor: User
) -> dict[str, Offer]:
    """All of them in the open scope's school, by their tokens, oldest first; drafts stay drafts."""
    sale, privacy = documents
    legal = (
        DocumentTerms(document_id=sale.pk, is_required=True),
        DocumentTerms(document_id=privacy.pk, is_required=False),
    )
    described = _described(courses, clock.now())
    return {token: _make(rows, token, facts, legal, actor) for token, facts in reversed(described.items())}


def _make(rows: MadeRows, token: str, facts: Facts, legal: tuple[DocumentTerms, ...], actor: User) -> Offer:
    facts = facts.copy()
    is_draft, picture = facts.pop("is_draft", False), facts.pop("picture", "")
    if picture:
        facts["cover"] = store_image(draw_cover(picture), name=picture)
    written: Facts = {"currency": "UAH", "documents": legal, **facts}
    terms = OfferTerms(**written)
    offer = rows.add(create_offer(terms=terms, actor=actor, token=token))
    return offer if is_draft else publish_offer(offer=offer, actor=actor)


def _described(courses: dict[str, MadeCourse], opened: datetime) -> dict[str, Facts]:
    """The newest first. `opened` is when the school made them, 95 days before it is seeded."""
    english, money, photo = courses["english"], courses["money"], courses["photo"]
    today = opened + timedelta(days=95)
    return _english(english, today) | _money(money, opened) | _photo(photo, opened, today)


def _english(english: MadeCourse, today: datetime) -> dict[str, Facts]:
    return _whole_english(english) | _english_in_parts(english, today) | _english_for_groups(english, today)


def _whole_english(english: MadeCourse) -> dict[str, Facts]:
    """The whole course."""
    course = english.course.pk
    return {
        MAIN: {
            "title": "English for work",
            "summary": "Ten lessons, a final task, and a teacher who reads what you write.",
            "description": "For people who write, call and present in English.\n\nYou get ten short lessons with tasks "
            "for the same day, and a teacher's answer to your presentation. Access lasts a year.",
            "picture": "english",
            "category": "Languages",
            "price_minor": 120_000,
            "open_for": 12,
            "open_for_unit": Offer.Unit.MONTHS,
            "is_highlighted": True,
            "difference": "All ten lessons\nA teacher reads your final task\nAccess for a year",
            "items": (ItemTerms(course_id=course),),
            "questions": (QuestionTerms(label="What do you do for a living?"),),
            "thank_you_text": "Welcome! Start with the first lesson: it takes fifteen minutes.",
        },
    }


def _english_in_parts(english: MadeCourse, today: datetime) -> dict[str, Facts]:
    """A module of it, and a lesson to try."""
    course = english.course.pk
    return {
        "Grammar7Week": {
            "title": "Writing in English",
            "summary": "The first module alone: mails, tone, a polite no, and chats.",
            "description": "Four lessons on mails and chats, for those who do not present.",
            "category": "Languages",
            "price_minor": 45_000,
            "promo_price_minor": 36_000,
            "promo_starts_at": today - timedelta(days=10),
            "promo_ends_at": today + timedelta(days=20),
            "position": 1,
            "difference": "The four lessons on writing\nFor ever",
            "items": (ItemTerms(course_id=course, module_id=english.modules[0].pk),),
        },
        "FirstLesson0": {
            "title": "First lesson",
            "summary": "Try a lesson before you decide. It costs nothing.",
            "description": "One lesson of “English for work”: a mail that gets an answer.",
            "category": "Languages",
            "price_minor": 0,
            "position": 2,
            "difference": "One lesson to try",
            "items": (ItemTerms(course_id=course, lesson_id=english.lessons[0].pk),),
        },
    }


def _english_for_groups(english: MadeCourse, today: datetime) -> dict[str, Facts]:
    """The same for some: a group, alumni, a club that is still a draft."""
    course = english.course.pk
    return {
        "SpringStream": {
            "title": "English for work, spring group",
            "summary": "The same course in a group with a call each week. Sales begin soon.",
            "description": "Twelve people, a call every Thursday, one teacher.",
            "category": "Languages",
            "price_minor": 240_000,
            "sales_start_at": today + timedelta(days=30),
            "seats": 12,
            "position": 3,
            "items": (ItemTerms(course_id=course),),
        },
        "AlumniOffer1": {
            "title": "English for work, for our alumni",
            "summary": "By link only: the price for those who have learned with us before.",
            "description": "Thank you for coming back.",
            "price_minor": 90_000,
            "is_listed": False,
            "once_per_contact": True,
            "open_for": 12,
            "open_for_unit": Offer.Unit.MONTHS,
            "items": (ItemTerms(course_id=course),),
        },
        "SpeakingClub": {
            "title": "Speaking club",
            "description": "Small groups, every Thursday evening.",
            "price_minor": 60_000,
            "items": (ItemTerms(course_id=course, module_id=english.modules[1].pk),),
            "is_draft": True,
        },
    }


def _money(money: MadeCourse, opened: datetime) -> dict[str, Facts]:
    course = money.course.pk
    return {
        "HroshiKurs01": {
            "title": "Гроші фрилансера",
            "summary": "Вісім уроків і план на пів року.",
            "description": "Для тих, хто працює на себе: ставка, рахунки, тихі місяці й бюджет на одному аркуші.",
            "picture": "money",
            "category": "Фінанси",
            "language": "uk",
            "price_minor": 95_000,
            # Over by now; orders of the first weeks keep it.
            "promo_price_minor": 75_000,
            "promo_ends_at": opened + timedelta(days=21),
            "seats": 500,  # brought down to a few left once the orders are there
            "phone": Offer.Phone.OPTIONAL,
            "items": (ItemTerms(course_id=course),),
            "questions": (QuestionTerms(label="Чим ви займаєтеся?", is_required=True),),
        },
        "HroshiMentor": {
            "title": "Гроші фрилансера з наставником",
            "summary": "Курс і три розмови про ваш бюджет. Пʼять місць на сезон.",
            "description": "Те саме, що в курсі, і тричі по годині з тими, хто пройшов цей шлях.",
            "category": "Фінанси",
            "language": "uk",
            "price_minor": 480_000,
            "seats": 5,
            "position": 1,
            "is_highlighted": True,
            "phone": Offer.Phone.REQUIRED,
            "items": (ItemTerms(course_id=course),),
        },
    }


def _photo(photo: MadeCourse, opened: datetime, today: datetime) -> dict[str, Facts]:
    course = photo.course.pk
    return {
        "FotoTelefonA": {
            "title": "Fotografia telefonem",
            "summary": "Osiem lekcji i własna seria zdjęć.",
            "description": "Światło, kadr i pięć minut obróbki. Płatność w złotych, dostęp na zawsze.",
            "picture": "photo",
            "category": "Fotografia",
            "language": "pl",
            "price_minor": 14_900,
            "currency": "PLN",
            "items": (ItemTerms(course_id=course),),
        },
        "FotoLato0001": {
            "title": "Fotografia telefonem, edycja letnia",
            "summary": "Letnia grupa już ruszyła, zapisy są zamknięte.",
            "description": "Spotkania na żywo w lipcu i sierpniu.",
            "category": "Fotografia",
            "language": "pl",
            "price_minor": 24_900,
            "currency": "PLN",
            "sales_end_at": today - timedelta(days=50),
            "position": 1,
            "items": (ItemTerms(course_id=course),),
        },
    }
