"""Two contacts become one: everything of the one is the other's, and the rules of the books hold."""

from datetime import timedelta

import pytest

from contacts.models import (
    Contact,
    ContactField,
    ContactTag,
    ContactValue,
    SentMail,
    SignInCode,
)
from contacts.services import consent
from contacts.services.erasing import erase_contact
from contacts.services.lists import add_members, create_list
from contacts.services.merging import MergeRefused, merge_contacts, pairs_of
from contacts.services.tags import tag_contacts
from coupons.models import Coupon, CouponCode, Redemption
from coupons.services.errors import UsedByYou
from coupons.services.redeeming import hold_use
from courses.models import Access, CourseProgress, Lesson, Submission
from courses.services.assignments import accept_submission, hand_in
from courses.services.progress import complete_lesson
from kwiga import clock
from orders.models import Order
from schools.invariants import check_invariants
from schools.journal import record_event
from schools.models import Event
from schools.search import found
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.courses import CourseFactory, give_access, make_assignment
from tests.factories.orders import PaidOrderFactory, sold_offer
from tests.support.coupons import pay, with_coupon


@pytest.fixture
def ann(school) -> Contact:
    return ContactFactory(school=school, email="ann@x.test", name="Ann", phone="")


@pytest.fixture
def twin(school) -> Contact:
    return ContactFactory(school=school, email="twin@x.test", name="Twin", phone="123456")


def merged(school, into, other, *taken: str) -> Contact:
    with school_scope(school):
        return merge_contacts(into=into, other=other, actor=None, taken=taken)


def test_facts_stay_unless_the_others_are_chosen_or_there_were_none(school, ann, twin):
    assert (merged(school, ann, twin).name, ann.email) == ("Ann", "ann@x.test")
    with school_scope(school):
        kept = Contact.objects.get()
        assert (kept.name, kept.email, kept.phone) == ("Ann", "ann@x.test", "123456")


def test_chosen_facts_of_the_other_win_and_an_address_brings_its_own_proof(school, ann, twin):
    at = clock.now()
    with school_scope(school):
        Contact.objects.filter(pk=twin.pk).update(verified_at=at, bounced_at=at)
    merged(school, ann, twin, "name", "email")
    with school_scope(school):
        kept = Contact.objects.get()
        assert (kept.pk, kept.name, kept.email) == (ann.pk, "Twin", "twin@x.test")
        assert (kept.verified_at, kept.bounced_at) == (at, at)
        assert [hit.object_id for hits in found("contact", "twin") for hit in hits] == [ann.pk] * 2


def test_both_are_signed_out_and_the_journal_says_it(school, ann, twin, student):
    with school_scope(school):
        Contact.objects.update(verified_at=clock.now())
    browsers = [student(ann), student(twin)]
    merged(school, ann, twin)
    for browser in browsers:
        assert browser.get("/me/").status_code == 302
    with school_scope(school):
        assert Event.objects.get(kind="contact.merged").data == {"other": twin.pk}
        assert Contact.objects.get().session_version == 2


def test_a_no_of_either_stays(school, ann, twin):
    with school_scope(school):
        consent.subscribe(contact=ann)
        consent.unsubscribe(contact=twin)
    merged(school, ann, twin)
    with school_scope(school):
        assert Contact.objects.get().unsubscribed_at


def test_tags_lists_fields_mails_and_codes_are_joined(school, ann, twin):
    with school_scope(school):
        both, only = (create_list(name=name, actor=None) for name in ("Both", "Only"))
        add_members(contact_list=both, contacts=[ann, twin], actor=None)
        add_members(contact_list=only, contacts=[twin], actor=None)
        tag_contacts(contacts=[ann, twin], name="VIP")
        tag_contacts(contacts=[twin], name="New")
        fields = [ContactField.objects.create(school=school, label=label) for label in "abc"]
        for field, own, theirs in zip(fields, ("1", "2", ""), ("x", "y", "z"), strict=True):
            for contact, text in ((ann, own), (twin, theirs)):
                if text:
                    ContactValue.objects.create(school=school, contact=contact, field=field, text=text)
        SentMail.objects.create(school=school, contact=twin, dedupe_key="m", subject="Hello")
        SignInCode.objects.create(
            school=school, contact=twin, browser_digest="b", code_digest="c", expires_at=clock.now()
        )
        pairs = {pair.label: (pair.is_equal, pair.takes_gone) for pair in pairs_of(ann, twin)}
        assert pairs["a"] == (False, False) and pairs["c"] == (False, True) and pairs["Phone"] == (False, True)
    merged(school, ann, twin, f"field:{fields[1].token}")
    with school_scope(school):
        kept = Contact.objects.get()
        assert sorted(kept.list_members.values_list("contact_list__name", flat=True)) == ["Both", "Only"]
        assert sorted(ContactTag.objects.filter(contact=kept).values_list("tag__name", flat=True)) == ["New", "VIP"]
        assert sorted(kept.values.values_list("field__label", "text")) == [("a", "1"), ("b", "y"), ("c", "z")]
        assert SentMail.objects.get().contact_id == kept.pk and not SignInCode.objects.exists()


def test_orders_and_accesses_come_over(school, ann, twin):
    for contact in (ann, twin):
        PaidOrderFactory(offer=sold_offer(school), email=contact.email)
    merged(school, ann, twin)
    with school_scope(school):
        assert list(Order.objects.values_list("contact", flat=True)) == [ann.pk] * 2
        assert list(Access.objects.values_list("contact", flat=True)) == [ann.pk] * 2


def test_learning_is_the_further_of_both_and_one_answer_stands(school, ann, twin):
    course = CourseFactory(school=school, modules=[2])
    with school_scope(school):
        module = course.modules.get()
        task = make_assignment(module, acceptance=Lesson.Acceptance.STAFF)
        first, second, _task = module.lessons.order_by("position")
        for contact in (ann, twin):
            give_access(contact, course)
            complete_lesson(contact=contact, lesson=first)
        complete_lesson(contact=twin, lesson=second)
        accepted = accept_submission(submission=hand_in(contact=twin, lesson=task, text="Twin's"), actor=None)
        waiting = hand_in(contact=ann, lesson=task, text="Ann's")
        reached = CourseProgress.objects.get(contact=twin).told_percent
    merged(school, ann, twin)
    with school_scope(school):
        assert sorted(ann.completions.values_list("lesson", flat=True)) == sorted([first.pk, second.pk, task.pk])
        progress = CourseProgress.objects.get()
        assert (progress.contact_id, progress.told_percent) == (ann.pk, reached)
        said = dict(Submission.objects.filter(contact=ann).values_list("pk", "state"))
        assert said == {accepted.pk: "accepted", waiting.pk: "returned"}


def test_what_the_journal_says_by_number_is_the_others(school, ann, twin):
    with school_scope(school):
        record_event("access.opened", data={"contact": twin.pk, "course": 5})
        record_event("list.joined", data={"contacts": [1, twin.pk, 3]})
        record_event("other.thing", data={"contact": ann.pk})
    merged(school, ann, twin)
    with school_scope(school):
        assert Event.objects.get(kind="access.opened").data == {"contact": ann.pk, "course": 5}
        assert Event.objects.get(kind="list.joined").data == {"contacts": [1, ann.pk, 3]}
        assert Event.objects.get(kind="other.thing").data == {"contact": ann.pk}
        assert not Event.objects.filter(subject_kind="contact", subject_id=twin.pk).exists()


def test_an_erasure_finds_the_history_of_who_was_merged(school, ann, twin):
    merged(school, ann, twin)
    with school_scope(school):
        erase_contact(contact=ann, actor=None)
        history = Contact._meta.get_field("history").related_model
        assert set(history.objects.values_list("email", "name")) <= {("", ""), (f"erased-{ann.pk}@erased.invalid", "")}


# --- Coupons: a limit per person that two contacts kept is kept when they turn out to be one ---

every_rule = pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"])


def broken() -> list[object]:
    return [finding for finding in check_invariants() if finding.rows]


@every_rule
def test_uses_come_over_and_the_rules_hold(school, ann, twin):
    coupon = CouponFactory(school=school, code="SPRING", max_uses_per_contact=1)
    for contact in (ann, twin):
        pay(with_coupon(sold_offer(school), "SPRING", email=contact.email))
    merged(school, ann, twin)
    with school_scope(school):
        uses = Redemption.objects.filter(coupon=coupon).order_by("pk")
        assert [use.contact_id for use in uses] == [ann.pk, ann.pk]
        assert [use.snapshot.get("used_by") for use in uses] == [None, twin.pk]
    assert broken() == []
    with school_scope(school):
        code = CouponCode.objects.select_related("coupon").get()
        facts = {"amount_minor": 1, "currency": "UAH", "held_until": clock.now() + timedelta(hours=1)}
        with pytest.raises(UsedByYou):
            hold_use(coupon=code.coupon, code=code, contact=ann, **facts)


@every_rule
def test_a_personal_coupon_is_the_others_used_or_not(school, ann, twin):
    used = CouponFactory(school=school, code="USED", audience="contact", contact_id=twin.pk)
    CouponFactory(school=school, code="FRESH", audience="contact", contact_id=twin.pk)
    pay(with_coupon(sold_offer(school), "USED", email=twin.email))
    merged(school, ann, twin)
    third = ContactFactory(school=school)
    merged(school, third, ann)
    assert broken() == []
    with school_scope(school):
        assert set(Coupon.objects.values_list("contact", flat=True)) == {third.pk}
        use = Redemption.objects.get(coupon=used)
        assert (use.contact_id, use.snapshot["contact"], use.snapshot["used_by"]) == (third.pk, twin.pk, twin.pk)
        assert [hit.object_id for hits in found("coupon", "twin") for hit in hits] == []
    pay(with_coupon(sold_offer(school), "FRESH", email=third.email))
    assert broken() == []


def test_one_contact_and_an_erased_one_cannot_be_merged(school, ann, twin):
    with pytest.raises(MergeRefused):
        merged(school, ann, ann)
    with school_scope(school):
        erase_contact(contact=twin, actor=None)
    with pytest.raises(MergeRefused):
        merged(school, ann, twin)


# --- The page ---


def test_the_page_finds_the_other_shows_both_and_asks_to_confirm(school, owner, staff, ann, twin):
    client, address = staff(owner), f"/green/contacts/{ann.token}/merge/"
    assert f"?with={twin.token}" in client.get(address, {"q": "twin"}).text
    page = client.get(address, {"with": twin.token}).text
    assert "Twin" in page and "fills what is empty" in page and "cannot be undone" in page
    said = {"with": twin.token, "fact-name": "gone"}
    assert "Confirm below" in client.post(address, said).text
    with school_scope(school):
        assert Contact.objects.count() == 2
    client.post(address, said | {"confirmed": "1"})
    with school_scope(school):
        kept = Contact.objects.get()
        assert (kept.pk, kept.name, kept.email) == (ann.pk, "Twin", "ann@x.test")
    assert client.get(address, {"with": ann.token}).status_code == 404


def test_facts_are_compared_as_people_read_them(school, ann, twin):
    with school_scope(school):
        Contact.objects.filter(pk=ann.pk).update(language="uk", country="PL", external_id="")
        Contact.objects.filter(pk=twin.pk).update(language="", country="", external_id="")
        ann.refresh_from_db()
        twin.refresh_from_db()
        said = {pair.key: (pair.kept, pair.gone) for pair in pairs_of(ann, twin)}
    assert said["language"] == ("Ukrainian", "") and said["country"] == ("Poland", "")
    assert "external_id" not in said
