"""Coupons, in the dashboard."""

from tests.tenancy.url_matrix.rows import COUPON_READERS, EDITORS, Guest, Public, SignedIn, Staff
from tests.tenancy.world import World


def offer(world: World) -> list[object]:
    return [world.offer.token]


def coupon(world: World) -> list[object]:
    return [world.coupon.token]


def coupon_offer(world: World) -> list[object]:
    return [world.coupon.token, world.offer.token]


def coupon_import(world: World) -> list[object]:
    return [world.coupon_import.token]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
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
}
