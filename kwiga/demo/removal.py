"""Taking away what seeding made. What people made since stays, and with it whatever it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Count, F, Q

from automations.models import Run
from contacts.list_uses import uses_of_list
from contacts.models import Contact, ContactList, ContactListMember, SignInCode
from coupons.models import Coupon, Redemption
from courses.models import Access, AccessPart, Course, CourseProgress, Lesson, LessonCompletion, Module, Submission
from kwiga import clock
from kwiga.demo.rows import made
from kwiga.demo.undoing import remove_automations, remove_words
from offers.models import Offer, OfferItem, OfferTermsDocument, TermsDocument, TermsText, TermsVersion
from orders.models import (
    Order,
    OrderAcceptance,
    OrderAccess,
    OrderDiscount,
    OrderLine,
    OrderLineItem,
    Payment,
    Refund,
)
from orders.services import due
from schools.files import discard
from schools.journal import record_event
from schools.models import DemoRow, OutboxRow, SearchWord, StoredFile, User


@dataclass(frozen=True, kw_only=True)
class Removed:
    """How much is gone."""

    orders: int
    contacts: int
    offers: int
    courses: int


@transaction.atomic
def remove_demo_data(*, actor: User | None) -> Removed:
    """Take the demo's orders, contacts, offers, courses and terms away from the open scope's school.

    An order of a real person keeps its contact, offer and course. The journal stays: it is never rewritten.
    """
    remove_automations(actor)
    orders = _remove_orders()
    _remove_coupons()
    removed = Removed(orders=orders, contacts=_remove_contacts(), offers=_remove_offers(), courses=_remove_courses())
    _remove_terms()
    remove_words()
    DemoRow.objects.exclude(kind=DemoRow.SEEDED).delete()
    record_event("demo.removed", actor=actor, data={"orders": removed.orders, "contacts": removed.contacts})
    return removed


def _remove_orders() -> int:
    ids = list(made("order"))
    _give_seats_back(ids)
    accesses = list(OrderAccess.objects.filter(order_id__in=ids).values_list("access_id", flat=True))
    Refund.objects.filter(payment__order_id__in=ids).delete()
    Payment.objects.filter(order_id__in=ids).delete()
    OrderAccess.objects.filter(order_id__in=ids).delete()
    AccessPart.objects.filter(access_id__in=accesses).delete()
    Access.objects.filter(pk__in=accesses).delete()
    uses = list(OrderDiscount.objects.filter(order_id__in=ids).values_list("redemption_id", flat=True))
    count, _rows = Order.objects.filter(pk__in=ids).delete()
    _give_uses_back(uses)
    _forget_words("order", ids)
    waiting = OutboxRow.objects.filter(kind__in=[due.EXPIRE, due.RELEASE], done_at=None, dead_at=None)
    gone = [row.pk for row in waiting if row.payload.get("order") in set(ids)]
    OutboxRow.objects.filter(pk__in=gone).update(done_at=clock.now())
    return min(count, len(ids))


def _give_seats_back(orders: list[int]) -> None:
    """Offers that stay count the seats of those that stay."""
    seated = Order.objects.filter(pk__in=orders, seat__in=[Order.Seat.HELD, Order.Seat.CONFIRMED])
    for row in seated.values("offer_id").annotate(seats=Count("pk")).order_by("offer_id"):
        Offer.objects.filter(pk=row["offer_id"]).update(seats_taken=F("seats_taken") - row["seats"])


def _give_uses_back(redemptions: list[int]) -> None:
    """Coupons that stay count the uses of orders that stay."""
    gone = Redemption.objects.filter(pk__in=redemptions, order_discounts=None)
    counted = gone.filter(state__in=Redemption.COUNTED, coupon__max_uses__isnull=False)
    for row in counted.values("coupon_id").annotate(uses=Count("pk")).order_by("coupon_id"):
        Coupon.objects.filter(pk=row["coupon_id"]).update(uses=F("uses") - row["uses"])
    Redemption.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).delete()


def _remove_coupons() -> None:
    """What was used is put away, as everywhere; its code stays taken."""
    ids = _unused(Coupon, made("coupon"), {"coupon_id": (Redemption,)})
    coupons = Coupon.objects.filter(pk__in=ids)
    coupons.filter(is_used=True, archived_at=None).update(archived_at=clock.now())
    ids = list(coupons.filter(is_used=False).values_list("pk", flat=True))
    Coupon.objects.filter(pk__in=ids).delete()
    _forget_words("coupon", ids)
    lists = _unused(ContactList, made("contactlist"), {"contact_list_id": (Coupon,)})
    for contact_list in ContactList.objects.filter(pk__in=lists):
        if not any(use.is_live for use in uses_of_list(contact_list)):
            contact_list.delete()


def _remove_contacts() -> int:
    ids = _unused(Contact, made("contact"), {"contact_id": (Order, Access, Redemption, Coupon, ContactListMember)})
    for model in (LessonCompletion, CourseProgress, Submission, SignInCode):
        model._default_manager.filter(contact_id__in=ids).delete()
    Contact.objects.filter(pk__in=ids).delete()
    _forget_words("contact", ids)
    return len(ids)


def _remove_offers() -> int:
    ids = _unused(Offer, made("offer"), {"offer_id": (Order, OrderLine, Run)})
    covers = list(StoredFile.objects.filter(pk__in=Offer.objects.filter(pk__in=ids).values("cover_id")))
    Offer.objects.filter(pk__in=ids).delete()
    _forget_words("offer", ids)
    _discard(covers)
    return len(ids)


def _remove_courses() -> int:
    ids = _unused(Course, made("course"), {"course_id": (OfferItem, Access, OrderLineItem, Run)})
    covers = list(StoredFile.objects.filter(pk__in=Course.objects.filter(pk__in=ids).values("cover_id")))
    CourseProgress.objects.filter(course_id__in=ids).delete()
    Lesson.objects.filter(course_id__in=ids).delete()
    Module.objects.filter(course_id__in=ids).delete()
    Course.objects.filter(pk__in=ids).delete()
    _forget_words("course", ids)
    _discard(covers)
    return len(ids)


def _remove_terms() -> None:
    ids = _unused(TermsDocument, made("termsdocument"), {"document_id": (OfferTermsDocument,)})
    accepted = OrderAcceptance.objects.filter(version__document_id__in=ids).values_list(
        "version__document_id", flat=True
    )
    ids = [pk for pk in ids if pk not in set(accepted)]
    TermsText.objects.filter(version__document_id__in=ids).delete()
    TermsVersion.objects.filter(document_id__in=ids).delete()
    TermsDocument.objects.filter(pk__in=ids).delete()


def _unused(
    model: type[models.Model], ids: Iterable[int], users: dict[str, tuple[type[models.Model], ...]]
) -> list[int]:
    """Those of the ids that no row of the other tables points at."""
    wanted = set(model._default_manager.filter(pk__in=list(ids)).values_list("pk", flat=True))
    for column, tables in users.items():
        for table in tables:
            used = table._default_manager.filter(Q(**{f"{column}__in": wanted})).values_list(column, flat=True)
            wanted -= set(used)
    return sorted(wanted)


def _forget_words(kind: str, ids: list[int]) -> None:
    SearchWord.objects.filter(kind=kind, object_id__in=ids).delete()


def _discard(files: list[StoredFile]) -> None:
    for file in files:
        discard(file)
