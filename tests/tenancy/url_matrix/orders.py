"""Orders, payments and pay pages."""

from tests.factories.world import pay_token
from tests.tenancy.url_matrix.rows import BOSSES, ORDER_READERS, SELLERS, Guest, Public, SignedIn, Staff, Student
from tests.tenancy.world import World


def order(world: World) -> list[object]:
    return [world.order.number]


def order_payment(world: World) -> list[object]:
    return [world.order.number, world.payment.token]


def order_access(world: World) -> list[object]:
    return [world.order.number, world.access.pk]


def connection(world: World) -> list[object]:
    return [world.connection.token]


def pay_link(world: World) -> list[object]:
    return [pay_token(world.school)]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
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
}

SITE: dict[str, Public | Student] = {
    "pay": Public(pay_link),
    "pay_return": Public(pay_link),
    "pay_done": Public(pay_link),
    "student_orders": Student(),
    "student_order": Student(order),
}
