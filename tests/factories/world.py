"""Two schools with one row of everything, for tests that look for a leak."""

from datetime import timedelta

from contacts.models import Contact, ContactList, ContactListMember, SignInCode
from coupons.models import Coupon, CouponCode, CouponImport, CouponImportLine, CouponOffer, Redemption
from courses.models import (
    Access,
    AccessPart,
    Attachment,
    Course,
    CourseProgress,
    Lesson,
    LessonCompletion,
    Module,
    Submission,
)
from kwiga import clock
from kwiga.tokens import digest
from offers.models import (
    Offer,
    OfferItem,
    OfferMail,
    OfferQuestion,
    OfferTermsDocument,
    TermsDocument,
    TermsText,
    TermsVersion,
)
from orders.models import (
    InboxEvent,
    Order,
    OrderAcceptance,
    OrderAccess,
    OrderComment,
    OrderDiscount,
    OrderLine,
    OrderLineDiscount,
    OrderLineItem,
    Payment,
    PaymentConnection,
    Refund,
)
from schools.files import store_attachment, store_image
from schools.journal import record_event
from schools.models import DemoRow, Invitation, Member, School, SearchWord, Secret
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.files import picture, text_upload
from tests.factories.offers import PublishedOfferFactory
from tests.factories.world_automations import fill_automations
from tests.factories.world_contacts import fill_contact


def invitation_token(school: School) -> str:
    """What the link of the school's one invitation carries."""
    return f"invitation-of-{school.slug}"


def pay_token(school: School) -> str:
    """What the pay link of the school's one order carries."""
    return f"pay-link-of-{school.slug}"


def fill(school: School) -> School:
    """Give the school at least one row in every tenant table (test_guards notices a table left out)."""
    offer = PublishedOfferFactory(school=school)
    with school_scope(school):
        owner = Member.objects.get(school=school, role=Role.OWNER).user
        Invitation.objects.create(
            school=school,
            email=f"invited@{school.slug}.test",
            role=Role.SUPPORT,
            token_digest=digest(invitation_token(school)),
            invited_by=owner,
            expires_at=clock.now() + timedelta(days=7),
        )
        Secret.objects.create(school=school, name="sample", ciphertext="sealed", last_four="0000")
        record_event("school.changed", subject=school, actor=owner)
        DemoRow.objects.create(school=school, kind="sample", object_id=1)
        SearchWord.objects.create(school=school, kind="sample", word="sample", object_id=1)
        contact = _contact(school)
        fill_contact(school, contact)
        lesson, access = _course(school, contact)
        _offer(school, offer, lesson.course)
        order = _order(school, contact, offer, access)
        _coupon(school, contact, offer, order)
        fill_automations(school, contact)
    return school


def _contact(school: School) -> Contact:
    contact = Contact.objects.create(school=school, email=f"student@{school.slug}.test", name="Student")
    SignInCode.objects.create(
        school=school,
        contact=contact,
        browser_digest=digest("browser"),
        code_digest=digest("code"),
        expires_at=clock.now() + timedelta(minutes=10),
    )
    return contact


def _course(school: School, contact: Contact) -> tuple[Lesson, Access]:
    cover = store_image(picture(), name="cover")
    course = Course.objects.create(school=school, title="Sample course", cover=cover, status=Course.Status.PUBLISHED)
    module = Module.objects.create(school=school, course=course, title="Sample module")
    lesson = Lesson.objects.create(
        school=school, course=course, module=module, title="Sample lesson", status=Lesson.Status.PUBLISHED
    )
    assignment = Lesson.objects.create(
        school=school,
        course=course,
        module=module,
        kind=Lesson.Kind.ASSIGNMENT,
        title="Sample assignment",
        status=Lesson.Status.PUBLISHED,
        position=1,
    )
    Attachment.objects.create(school=school, lesson=lesson, file=store_attachment(text_upload()))
    access = Access.objects.create(
        school=school, contact=contact, course=course, is_whole=False, starts_at=clock.now(), cause="sample"
    )
    AccessPart.objects.create(school=school, access=access, module=module)
    LessonCompletion.objects.create(school=school, contact=contact, lesson=lesson)
    CourseProgress.objects.create(school=school, contact=contact, course=course, last_lesson=lesson)
    answer = store_attachment(text_upload("answer.txt"))
    Submission.objects.create(school=school, contact=contact, lesson=assignment, text="An answer", file=answer)
    return lesson, access


def _offer(school: School, offer: Offer, course: Course) -> None:
    OfferItem.objects.create(school=school, offer=offer, course=course)
    OfferQuestion.objects.create(school=school, offer=offer, label="Where from?")
    OfferMail.objects.create(school=school, offer=offer, occasion=OfferMail.Occasion.PURCHASED)
    document = TermsDocument.objects.create(school=school, name="Public offer")
    version = TermsVersion.objects.create(school=school, document=document, number=1)
    TermsText.objects.create(school=school, version=version, language="en", title="Public offer", body="<p>Text</p>")
    OfferTermsDocument.objects.create(school=school, offer=offer, document=document, is_required=False)


def _coupon(school: School, contact: Contact, offer: Offer, order: Order) -> None:
    group = ContactList.objects.create(school=school, name="Sample list")
    ContactListMember.objects.create(school=school, contact_list=group, contact=contact)
    coupon = Coupon.objects.create(
        school=school,
        kind=Coupon.Kind.PERCENT,
        percent_bp=1_000,
        audience=Coupon.Audience.LIST,
        contact_list=group,
        for_all_offers=False,
        comment="A note about the coupon",
    )
    code = CouponCode.objects.create(school=school, coupon=coupon, code="SAMPLE", code_key="SAMPLE")
    CouponOffer.objects.create(school=school, coupon=coupon, offer=offer)
    kept = CouponImport.objects.create(school=school, file_name="coupons.csv")
    CouponImportLine.objects.create(school=school, coupon_import=kept, number=2, cells={"code": "A1", "size": "5"})
    redemption = Redemption.objects.create(
        school=school,
        coupon=coupon,
        code=code,
        contact=contact,
        state=Redemption.State.RELEASED,
        amount_minor=0,
        currency=offer.currency,
    )
    discount = OrderDiscount.objects.create(
        school=school, order=order, redemption=redemption, code="SAMPLE", amount_minor=0
    )
    line = OrderLine.objects.filter(order=order).get()
    OrderLineDiscount.objects.create(school=school, line=line, discount=discount, amount_minor=0)


def _order(school: School, contact: Contact, offer: Offer, access: Access) -> Order:
    order = Order.objects.create(
        school=school,
        contact=contact,
        offer=offer,
        state=Order.State.PAID,
        buyer_email=contact.email,
        language="en",
        currency=offer.currency,
        subtotal_minor=offer.price_minor,
        total_minor=offer.price_minor,
        idempotency_key=f"key-of-{school.slug}",
        fingerprint=digest("form"),
        pay_digest=digest(pay_token(school)),
        pay_salt="salt",
        paid_at=clock.now(),
    )
    record_event("order.placed", subject=order)
    line = OrderLine.objects.create(
        school=school,
        order=order,
        offer=offer,
        title=offer.title,
        list_price_minor=offer.price_minor,
        price_minor=offer.price_minor,
        total_minor=offer.price_minor,
    )
    OrderLineItem.objects.create(school=school, line=line, course=access.course)
    OrderAccess.objects.create(school=school, order=order, access=access)
    OrderComment.objects.create(school=school, order=order, text="A note")
    OrderAcceptance.objects.create(school=school, order=order, version=TermsVersion.objects.get())
    _payment(school, order)
    return order


def _payment(school: School, order: Order) -> None:
    connection = PaymentConnection.objects.create(school=school, provider="test_bank")
    payment = Payment.objects.create(
        school=school,
        order=order,
        connection=connection,
        provider="test_bank",
        provider_ref=f"ref-of-{school.slug}",
        state=Payment.State.PART_REFUNDED,
        amount_minor=order.total_minor,
        refunded_minor=1,
        currency=order.currency,
        processed_at=clock.now(),
    )
    Refund.objects.create(school=school, payment=payment, amount_minor=1, state=Refund.State.SUCCEEDED)
    InboxEvent.objects.create(
        school=school, connection=connection, event_id=f"event-of-{school.slug}", processed_at=clock.now()
    )
