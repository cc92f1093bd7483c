"""What an offer lacks before it goes on sale."""

from collections.abc import Iterable

import pytest

from kwiga import clock
from offers import publishing, services
from offers.models import Offer
from offers.publishing import Problem, problems_of, register_check, register_guest_check
from offers.services import ItemTerms, NotReady
from schools.models import School
from tests.factories.courses import CourseFactory
from tests.factories.offers import OfferFactory, whole_course


@pytest.fixture(autouse=True)
def own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test registers what it needs, and nothing of it stays."""
    monkeypatch.setattr(publishing, "_checks", list(publishing._checks))
    monkeypatch.setattr(publishing, "_guest_checks", list(publishing._guest_checks))


def test_an_offer_that_opens_nothing_cannot_go_on_sale(scope: School) -> None:
    offer = OfferFactory(school=scope, price_minor=0)
    with pytest.raises(NotReady) as refusal:
        services.publish_offer(offer=offer, actor=None)
    (problem,) = refusal.value.problems
    assert "opens nothing yet" in problem
    assert problem.url == f"/green/offers/{offer.token}/edit/#section-opens"
    assert Offer.objects.get().status == "draft"


def test_a_draft_of_a_course_is_named(scope: School) -> None:
    course = CourseFactory(school=scope, title="Piano", status="draft")
    offer = OfferFactory(school=scope, price_minor=0, items=(ItemTerms(course_id=course.pk),))
    assert problems_of(offer) == ["The course “Piano” is still a draft."]


@pytest.mark.parametrize("field", ["sales_end_at", "closes_at"])
def test_what_is_over_cannot_go_on_sale(scope: School, field: str) -> None:
    offer = OfferFactory(school=scope, price_minor=0, items=(whole_course(scope),), **{field: clock.now()})
    assert len(problems_of(offer)) == 1


def test_nobody_can_pay_is_a_problem_for_what_costs(scope: School) -> None:
    items = (whole_course(scope),)
    assert problems_of(OfferFactory(school=scope, price_minor=0, items=items)) == []
    (problem,) = problems_of(OfferFactory(school=scope, price_minor=1, items=items))
    assert "Nobody can pay" in problem


def test_apps_to_the_right_can_object_once(scope: School) -> None:
    def check(offer: Offer) -> Iterable[str]:
        yield Problem("Not today.", "/mend/")

    register_check(check)
    register_check(check)
    offer = OfferFactory(school=scope, price_minor=0, items=(whole_course(scope),))
    (problem,) = problems_of(offer)
    assert (problem, getattr(problem, "url", "")) == ("Not today.", "/mend/")


def test_an_offer_on_sale_that_lost_something_stays_on_sale(scope: School) -> None:
    offer = OfferFactory(school=scope)
    Offer.objects.filter(pk=offer.pk).update(status="published")
    assert services.publish_offer(offer=offer, actor=None).status == "published"


@pytest.mark.spec("K10.5: the switch is disabled when no way to pay takes guests")
def test_the_switch_for_guests_is_disabled_with_the_reason(scope: School, owner, staff) -> None:  # type: ignore[no-untyped-def]
    offer, client = OfferFactory(school=scope), staff(owner)
    switch = 'name="guest_checkout"'
    before = client.get(f"/green/offers/{offer.token}/edit/").text
    register_guest_check(lambda: "None of your ways to pay takes guests.")
    after = client.get(f"/green/offers/{offer.token}/edit/").text

    def tag(page: str) -> str:
        (found,) = [part for part in page.split("<input") if switch in part.split(">")[0]]
        return found.split(">")[0]

    assert "disabled" not in tag(before) and "checked" in tag(before)
    assert "disabled" in tag(after) and "checked" not in tag(after)
    assert "None of your ways to pay takes guests." in after
    said = {"title": "Yoga", "price": "1", "currency": "UAH", "guest_checkout": "on"}
    client.post(f"/green/offers/{offer.token}/edit/", said)
    offer.refresh_from_db()
    assert offer.guest_checkout is False
