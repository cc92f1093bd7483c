"""What the demo schools sell."""

from courses.models import Course
from offers.models import Offer
from offers.services import ItemTerms, OfferTerms, create_offer, publish_offer
from schools.models import School, User
from schools.tenancy.scope import school_scope

SAMPLE = [
    # Address, title, description, price in minor units, on sale.
    (
        "TnHG7QjEFukO",
        "English for work",
        "Twelve weeks of lessons for people who write, call and present in English.\n\n"
        "You get 36 short lessons, exercises with answers, and a teacher who reads what you write.",
        120_000,
        True,
    ),
    (
        "Grammar7Week",
        "Grammar in seven days",
        "One topic a day, twenty minutes each: tenses, articles, conditionals. For those who know a lot and mix it up.",
        45_000,
        True,
    ),
    (
        "FirstLesson0",
        "First lesson",
        "Try a lesson before you decide. It costs nothing.",
        0,
        True,
    ),
    ("SpeakingClub", "Speaking club", "Small groups, every Thursday evening.", 60_000, False),
]
OTHER = [("OtherOffer12", "Drawing from nature", "Ten lessons outdoors, with a pencil.", 90_000, True)]


def make_offers(school: School, actor: User, offers: list[tuple[str, str, str, int, bool]]) -> None:
    """Make each offer of the list that the school does not have yet, oldest first."""
    with school_scope(school):
        for token, title, description, price_minor, on_sale in reversed(offers):
            if Offer.objects.filter(token=token).exists():
                continue
            course = Course.objects.create(school=school, title=title, status=Course.Status.PUBLISHED)
            terms = OfferTerms(
                title=title,
                description=description,
                price_minor=price_minor,
                currency="UAH",
                items=(ItemTerms(course_id=course.pk),),
            )
            offer = create_offer(terms=terms, actor=actor, token=token)
            if on_sale:
                publish_offer(offer=offer, actor=actor)
