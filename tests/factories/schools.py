"""One honest object each, and nothing surprising."""

from typing import Any

import factory

from kwiga import clock, sites
from schools.models import Domain, Member, School, User
from schools.roles import Role
from schools.tenancy.scope import school_scope


class UserFactory(factory.Factory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.test")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = "correct horse battery"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        from allauth.account.models import EmailAddress

        user = User.objects.create_user(**fields)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user


class SchoolFactory(factory.Factory[School]):
    """A school with its own host and an owner."""

    class Meta:
        model = School

    slug = factory.Sequence(lambda n: f"school{n}")
    name = factory.Sequence(lambda n: f"School {n}")
    currency = "UAH"
    time_zone = "Europe/Kyiv"
    language = "en"

    @classmethod
    def _create(cls, model_class: type[School], *args: Any, **fields: Any) -> School:
        school = School.objects.create(**fields)
        with school_scope(school):
            host = sites.site_host(school.slug)
            Domain.objects.create(school=school, host=host, is_primary=True, verified_at=clock.now())
        MemberFactory(school=school, role=Role.OWNER)
        return school


class MemberFactory(factory.Factory[Member]):
    class Meta:
        model = Member

    school = factory.SubFactory(SchoolFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.ADMIN

    @classmethod
    def _create(cls, model_class: type[Member], *args: Any, **fields: Any) -> Member:
        with school_scope(fields["school"]):
            return Member.objects.create(**fields)
