"""Who may open which address: one row for every URL of both sites, written by hand and compared with the resolver.

The sets of roles repeat what schools/roles.py says on purpose: a change there has to be meant here as well.
"""

from collections.abc import Callable
from dataclasses import dataclass

from courses.previews import preview_path
from tests.factories.world import invitation_token, pay_token
from tests.tenancy.world import World

OWNER = frozenset({"owner"})
BOSSES = OWNER | {"admin"}
EDITORS = BOSSES | {"sales", "marketing"}
TEACHERS = BOSSES | {"teacher"}
SELLERS = BOSSES | {"sales"}
HELPERS = BOSSES | {"support"}
READERS = HELPERS | {"read_only"}
ORDER_READERS = SELLERS | {"support", "read_only"}
CONTACT_READERS = ORDER_READERS | {"marketing"}
COUPON_READERS = CONTACT_READERS
CONTACT_EDITORS = SELLERS | {"support"}
ALL = EDITORS | HELPERS | {"teacher", "read_only"}


@dataclass(frozen=True)
class Staff:
    """A page under /<school>/: the roles it lets in, and the objects in its address."""

    roles: frozenset[str]
    args: Callable[[World], list[object]] = lambda world: []
    data: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Guest:
    """A page under /<school>/ for people who are no members yet, opened by the secret in its address."""

    args: Callable[[World], list[object]]


@dataclass(frozen=True)
class SignedIn:
    """A page of the platform for anybody with an account."""

    args: tuple[object, ...] = ()


@dataclass(frozen=True)
class Student:
    """A page of a school's site for who signed in there; an object in its address is the student's own."""

    args: Callable[[World], list[object]] = lambda world: []


@dataclass(frozen=True)
class Public:
    """A page for everybody."""

    args: Callable[[World], list[object]] = lambda world: []


def offer(world: World) -> list[object]:
    return [world.offer.token]


def document(world: World) -> list[object]:
    return [world.document.token]


def order(world: World) -> list[object]:
    return [world.order.number]


def public_file(world: World) -> list[object]:
    return [world.public_file]


def order_payment(world: World) -> list[object]:
    return [world.order.number, world.payment.token]


def order_access(world: World) -> list[object]:
    return [world.order.number, world.access.pk]


def module(world: World) -> list[object]:
    return [world.course.token, world.lesson.module.token]


def lesson(world: World) -> list[object]:
    return [world.course.token, world.lesson.token]


def assignment(world: World) -> list[object]:
    return [world.course.token, world.submission.lesson.token]


def attachment(world: World) -> list[object]:
    return [*lesson(world), world.attachment.pk]


def submission(world: World) -> list[object]:
    return [world.submission.token]


def preview(world: World) -> list[object]:
    return [preview_path(world.course).strip("/").rpartition("/")[2]]


def contact(world: World) -> list[object]:
    return [world.contact.token]


def contact_list(world: World) -> list[object]:
    return [world.contact_list.token]


def coupon(world: World) -> list[object]:
    return [world.coupon.token]


def coupon_offer(world: World) -> list[object]:
    return [world.coupon.token, world.offer.token]


def coupon_import(world: World) -> list[object]:
    return [world.coupon_import.token]


def claim_link(world: World) -> list[object]:
    return [world.claim_link]


def course(world: World) -> list[object]:
    return [world.course.token]


def member(world: World) -> list[object]:
    return [world.teammate.pk]


def invitation(world: World) -> list[object]:
    return [world.invitation.pk]


def invitation_link(world: World) -> list[object]:
    return [invitation_token(world.school)]


def delivery(world: World) -> list[object]:
    return [world.failed_delivery.pk]


def message(world: World) -> list[object]:
    return [world.message]


def connection(world: World) -> list[object]:
    return [world.connection.token]


def pay_link(world: World) -> list[object]:
    return [pay_token(world.school)]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
    "landing": Public(),
    "preferences_theme": Public(),
    "preferences_language": Public(),
    "platform_mailbox": Public(),
    "platform_message": Public(lambda world: [world.platform_message]),
    "file": Public(public_file),
    "account": SignedIn(),
    "schools:start": SignedIn(),
    "schools:create": SignedIn(),
    "schools:address": SignedIn(),
    "school_home": Staff(ALL),
    "demo_data": Staff(BOSSES),
    "schools:settings": Staff(BOSSES),
    "schools:school_address": Staff(BOSSES),
    "schools:team": Staff(ALL),
    "schools:departure": Staff(ALL),
    "schools:invite": Staff(BOSSES),
    "schools:resend": Staff(BOSSES, invitation),
    "schools:revoke": Staff(BOSSES, invitation),
    "schools:member": Staff(BOSSES, member),
    "schools:removal": Staff(BOSSES, member),
    "schools:invitation": Guest(invitation_link),
    "schools:activity": Staff(READERS),
    "schools:deliveries": Staff(HELPERS),
    "schools:delivery_retry_all": Staff(BOSSES),
    "schools:delivery_retry": Staff(BOSSES, delivery),
    "schools:mailbox": Staff(HELPERS),
    "schools:message": Staff(HELPERS, message),
    "offers:list": Staff(ALL),
    "offers:new": Staff(EDITORS),
    "offers:detail": Staff(ALL, offer),
    "offers:edit": Staff(EDITORS, offer),
    "offers:publish": Staff(EDITORS, offer),
    "offers:unpublish": Staff(EDITORS, offer),
    "offers:archive": Staff(EDITORS, offer),
    "offers:restore": Staff(EDITORS, offer),
    "offers:preview": Staff(EDITORS),
    "offers:copy": Staff(EDITORS, offer),
    "offers:delete": Staff(EDITORS, offer),
    "offers:mails": Staff(EDITORS, offer),
    "offers:mail_preview": Staff(EDITORS, lambda world: [*offer(world), "purchased"]),
    "terms:list": Staff(ALL),
    "terms:new": Staff(EDITORS),
    "terms:detail": Staff(ALL, document),
    "terms:change": Staff(EDITORS, document),
    "terms:version_new": Staff(EDITORS, document),
    "terms:version": Staff(ALL, lambda world: [*document(world), 1]),
    "terms:archive": Staff(EDITORS, document),
    "terms:restore": Staff(EDITORS, document),
    "orders:list": Staff(ORDER_READERS),
    "orders:new": Staff(SELLERS),
    "orders:cancel_many": Staff(SELLERS),
    "orders:export": Staff(SELLERS),
    "orders:detail": Staff(ORDER_READERS, order),
    "orders:mark_paid": Staff(SELLERS, order),
    "orders:cancel": Staff(SELLERS, order),
    "orders:move": Staff(SELLERS, order),
    "orders:renew_link": Staff(SELLERS, order),
    "orders:send_link": Staff(SELLERS, order),
    "orders:comment": Staff(SELLERS, order),
    "orders:refund": Staff(BOSSES, order_payment),
    "orders:review_acceptance": Staff(SELLERS, order_payment),
    "orders:review_refund": Staff(BOSSES, order_payment),
    "orders:access_end": Staff(SELLERS, order_access),
    "orders:access_revocation": Staff(SELLERS, order_access),
    "orders:transactions": Staff(ORDER_READERS),
    "orders:transactions_export": Staff(SELLERS),
    "payments:list": Staff(BOSSES),
    "payments:new": Staff(BOSSES),
    "payments:connection": Staff(BOSSES, connection),
    "payments:trial": Staff(BOSSES, connection),
    "payments:enable": Staff(BOSSES, connection),
    "payments:disable": Staff(BOSSES, connection),
    "payments:raise": Staff(BOSSES, connection),
    "payments:archive": Staff(BOSSES, connection),
    # Providers knock here; they have a signature, not an account.
    "webhook": Public(lambda world: ["test_bank", world.school.slug, world.connection.token]),
    "courses:list": Staff(ALL),
    "courses:new": Staff(TEACHERS),
    "courses:video": Staff(TEACHERS),
    "courses:detail": Staff(ALL, course),
    "courses:edit": Staff(TEACHERS, course),
    "courses:publish": Staff(TEACHERS, course),
    "courses:unpublish": Staff(TEACHERS, course),
    "courses:preview": Staff(ALL, course),
    "courses:students": Staff(ALL, course),
    "courses:module_add": Staff(TEACHERS, course),
    "courses:module": Staff(TEACHERS, module),
    "courses:module_place": Staff(TEACHERS, module),
    "courses:module_delete": Staff(TEACHERS, module),
    "courses:lesson_new": Staff(TEACHERS, module),
    "courses:lesson": Staff(TEACHERS, lesson),
    "courses:lesson_publish": Staff(TEACHERS, lesson),
    "courses:lesson_unpublish": Staff(TEACHERS, lesson),
    "courses:lesson_place": Staff(TEACHERS, lesson),
    "courses:lesson_delete": Staff(TEACHERS, lesson),
    "courses:attachment_add": Staff(TEACHERS, lesson),
    "courses:attachment": Staff(ALL, attachment),
    "courses:attachment_remove": Staff(TEACHERS, attachment),
    "courses:submissions": Staff(TEACHERS),
    "courses:submission": Staff(TEACHERS, submission),
    "courses:submission_file": Staff(TEACHERS, submission),
    "courses:submission_accept": Staff(TEACHERS, submission),
    "courses:submission_return": Staff(TEACHERS, submission),
    "coupons:list": Staff(COUPON_READERS),
    "coupons:new": Staff(EDITORS),
    "coupons:look": Staff(EDITORS),
    "coupons:code_state": Staff(EDITORS),
    "coupons:people": Staff(EDITORS),
    "coupons:check": Staff(COUPON_READERS),
    "coupons:bulk": Staff(EDITORS),
    "coupons:export": Staff(COUPON_READERS),
    "coupons:undo": Staff(EDITORS, lambda world: ["nothing"]),
    "coupons:import": Staff(EDITORS),
    "coupons:import_detail": Staff(EDITORS, coupon_import),
    "coupons:import_start": Staff(EDITORS, coupon_import),
    "coupons:import_errors": Staff(EDITORS, coupon_import),
    "coupons:detail": Staff(COUPON_READERS, coupon),
    "coupons:edit": Staff(EDITORS, coupon),
    "coupons:qr": Staff(COUPON_READERS, coupon_offer),
    "coupons:move": Staff(EDITORS, lambda world: [world.coupon.token, "pause"]),
    "offer_coupons": Staff(COUPON_READERS, offer),
    "contacts:list": Staff(CONTACT_READERS),
    "contacts:new": Staff(CONTACT_EDITORS),
    "contacts:lists": Staff(CONTACT_READERS),
    "contacts:lists_new": Staff(CONTACT_EDITORS),
    "contacts:lists_detail": Staff(CONTACT_READERS, contact_list),
    "contacts:lists_edit": Staff(CONTACT_EDITORS, contact_list),
    "contacts:lists_delete": Staff(CONTACT_EDITORS, contact_list),
    "contacts:lists_add": Staff(CONTACT_EDITORS, contact_list),
    "contacts:lists_remove": Staff(CONTACT_EDITORS, contact_list),
    "contacts:card": Staff(CONTACT_READERS, contact),
    "contacts:edit": Staff(CONTACT_EDITORS, contact),
    "contacts:link": Staff(CONTACT_EDITORS, contact),
    "contacts:sign_out": Staff(CONTACT_EDITORS, contact),
    # Sign-in (django-allauth). Pages that need a sign-in or a running flow send everybody else on.
    "account_signup": Public(),
    "account_login": Public(),
    "account_logout": SignedIn(),
    "account_reauthenticate": SignedIn(),
    "account_change_password": SignedIn(),
    "account_set_password": SignedIn(),
    "account_inactive": Public(),
    "account_email": SignedIn(),
    "account_email_verification_sent": Public(),
    "account_reset_password": Public(),
    "account_password_reset_completed": Public(),
    "account_confirm_login_code": Public(),
    "account_request_login_code": Public(),
    "account_confirm_password_reset_code": Public(),
    "account_complete_password_reset": Public(),
}

SITE: dict[str, Public | Student] = {
    "pay": Public(pay_link),
    "pay_return": Public(pay_link),
    "pay_done": Public(pay_link),
    "store": Public(),
    "public_offer": Public(offer),
    "offer_quote": Public(offer),
    "public_course": Public(course),
    "terms": Public(lambda world: [world.document.token]),
    "terms_version": Public(lambda world: [world.document.token, 1]),
    "sitemap": Public(),
    "robots": Public(),
    "file": Public(public_file),
    "preferences_theme": Public(),
    "preferences_language": Public(),
    "sign_in": Public(),
    "sign_in_code": Public(),
    "sign_out": Public(),
    "claim": Public(claim_link),
    "learn_preview": Public(preview),
    "learn_preview_lesson": Public(lambda world: [*preview(world), world.lesson.token]),
    "learn_preview_file": Public(lambda world: [*preview(world), world.lesson.token, world.attachment.pk]),
    "learn_course": Student(course),
    "learn_lesson": Student(lesson),
    "learn_done": Student(lesson),
    "learn_file": Student(attachment),
    "learn_answer": Student(assignment),
    "learn_answer_file": Student(lambda world: [*assignment(world), world.submission.token]),
    "student_courses": Student(),
    "student_start": Student(),
    "student_orders": Student(),
    "student_order": Student(order),
    "student_profile": Student(),
    "student_email": Student(),
    "student_email_code": Student(),
    "student_sign_out_everywhere": Student(),
}
