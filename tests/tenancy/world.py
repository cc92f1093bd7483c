"""The objects whose addresses the crawler opens: one of each kind in a school."""

import hashlib
from dataclasses import dataclass

from django.apps import apps
from django.core.mail import mailers

from automations.models import Automation, IncomingHook, Run, TelegramChannel, WebhookDelivery
from contacts.links import claim_url
from contacts.mailing.links import unsubscribe_url
from contacts.models import Contact, ContactField, ContactImport, ContactList
from coupons.models import Coupon, CouponImport
from courses.models import Access, Attachment, Course, Lesson, Submission
from kwiga import clock, mailbox
from offers.models import Offer, TermsDocument
from orders.models import Order, Payment, PaymentConnection
from schools.mail.letters import SchoolMessage
from schools.models import Invitation, Member, OutboxRow, School, StoredFile
from schools.roles import Role
from schools.tenancy.models import TenantModel
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory
from tests.factories.world import fill


@dataclass(frozen=True)
class World:
    school: School
    offer: Offer
    document: TermsDocument
    course: Course
    lesson: Lesson
    attachment: Attachment
    submission: Submission
    contact: Contact
    contact_list: ContactList
    contact_field: ContactField
    coupon: Coupon
    coupon_import: CouponImport
    contact_import: ContactImport
    automation: Automation
    run: Run
    claim_link: str
    unsubscribe_link: str
    order: Order
    payment: Payment
    connection: PaymentConnection
    access: Access
    hook: IncomingHook
    channel: TelegramChannel
    webhook_delivery: WebhookDelivery
    teammate: Member
    invitation: Invitation
    failed_delivery: OutboxRow
    public_file: str
    message: str
    platform_message: str


def world_of(school: School) -> World:
    """Fill the school and pick one object of each kind. Needs the `kept_mail` fixture."""
    fill(school)
    teammate = MemberFactory(school=school, role=Role.TEACHER)
    with school_scope(school):
        failed = OutboxRow.objects.filter(done_at=None).order_by("pk").first()
        assert failed is not None
        OutboxRow.objects.filter(pk=failed.pk).update(dead_at=clock.now(), attempts=5, last_error="ConnectionError")
        return World(
            school=school,
            offer=Offer.objects.get(),
            document=TermsDocument.objects.get(),
            course=Course.objects.get(),
            lesson=Lesson.objects.select_related("module").get(kind=Lesson.Kind.LESSON),
            attachment=Attachment.objects.get(),
            submission=Submission.objects.select_related("lesson").get(),
            contact=Contact.objects.get(),
            contact_list=ContactList.objects.get(),
            contact_field=ContactField.objects.get(),
            coupon=Coupon.objects.get(),
            coupon_import=CouponImport.objects.get(),
            contact_import=ContactImport.objects.get(),
            automation=Automation.objects.get(),
            run=Run.objects.get(),
            unsubscribe_link=unsubscribe_url(school, Contact.objects.get()).rstrip("/").rpartition("/")[2],
            claim_link=claim_url(school, Contact.objects.get()).rstrip("/").rpartition("/")[2],
            order=Order.objects.get(),
            payment=Payment.objects.get(),
            connection=PaymentConnection.objects.get(),
            access=Access.objects.get(),
            hook=IncomingHook.objects.get(),
            channel=TelegramChannel.objects.get(),
            webhook_delivery=WebhookDelivery.objects.get(),
            teammate=teammate,
            invitation=Invitation.objects.get(),
            failed_delivery=failed,
            public_file=f"{school.pk}-{StoredFile.objects.get(audience=StoredFile.Audience.PUBLIC).token}",
            message=_kept(str(school.pk), school.pk),
            platform_message=_kept(mailbox.PLATFORM, None),
        )


def _kept(owner: str, school_id: int | None) -> str:
    """A kept message of the school, or of the platform; its name in the address."""
    message = SchoolMessage("Welcome", "Hello", "Sender <a@b.test>", ["person@example.test"])
    message.school_id = school_id
    mailers.default.send_messages([message])
    return mailbox.kept_messages(owner)[0].name


def fingerprint(school: School) -> str:
    """A digest of every row of the school, to show that nothing of it changed."""
    digest = hashlib.sha256()
    with school_scope(school):
        for model in apps.get_models():
            if issubclass(model, TenantModel) or model.__name__ in {"Domain", "Member"}:
                rows = model._default_manager.filter(school_id=school.pk).order_by("pk").values_list()
                digest.update(repr((model.__name__, list(rows))).encode())
    return digest.hexdigest()
