"""The two schools of the demo and the people in them."""

from allauth.account.models import EmailAddress
from django.conf import settings

from kwiga import clock
from schools.models import Domain, Member, School, User
from schools.roles import Role
from schools.services.schools import SchoolFacts, change_school, create_school
from schools.tenancy.scope import school_scope


def make_person(email: str, name: str, password: str) -> User:
    """A user who can sign in with that password; found again by email."""
    known = User.objects.filter(email=email).first()
    user = known or User.objects.create_user(email=email, name=name, password=password)
    if known and not user.check_password(password):  # the same one hashed anew would end the sessions of this person
        user.set_password(password)
        user.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def make_school(owner: User, *, slug: str, facts: SchoolFacts) -> School:
    """A school of that owner with all its facts; found again by its slug."""
    if known := School.objects.filter(slug=slug).first():
        return known
    plain = {name: getattr(facts, name) for name in ("name", "currency", "time_zone", "language")}
    school = create_school(owner=owner, slug=slug, **plain)
    with school_scope(school):
        return change_school(school=school, facts=facts, actor=owner)


SAMPLE = SchoolFacts(
    name="Sample School",
    language="en",
    currency="UAH",
    time_zone="Europe/Kyiv",
    legal_name="Sample School LLC",
    address="1 Khreshchatyk Street\nKyiv 01001",
    contact_email="hello@sampleschool.test",
    contact_phone="+380 44 000 00 00",
    sender_name="Olena of Sample School",
    tax_note="The price includes all taxes.",
    store_title="Courses for people with little time",
    store_text="Short lessons, tasks for the same day, and teachers who answer.",
)
OTHER = SchoolFacts(
    name="Other School",
    language="uk",
    currency="UAH",
    time_zone="Europe/Kyiv",
    legal_name="Other School LLC",
    address="8 Rynok Square\nLviv 79000",
    contact_email="hello@otherschool.test",
    contact_phone="+380 32 000 00 00",
)


def add_host(school: School, host: str) -> None:
    """A second host of the school, for machines that do not resolve names below localhost."""
    with school_scope(school):
        if not Domain.objects.filter(host=host).exists():
            Domain.objects.create(school=school, host=host, verified_at=clock.now())


def add_teammate(school: School, user: User, role: Role) -> None:
    """A colleague of the owner with that role."""
    with school_scope(school):
        Member.objects.get_or_create(school=school, user=user, defaults={"role": role})


def fallback_host() -> str:
    """Where the sample school also answers: the loopback address, unless that is the root host itself."""
    return "" if settings.ROOT_HOST == "127.0.0.1" else "127.0.0.1"
