"""Offers and the terms of their sale, in the dashboard and in the store."""

from tests.tenancy.url_matrix.rows import ALL, EDITORS, Guest, Public, SignedIn, Staff, Student
from tests.tenancy.world import World


def offer(world: World) -> list[object]:
    return [world.offer.token]


def document(world: World) -> list[object]:
    return [world.document.token]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
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
}

SITE: dict[str, Public | Student] = {
    "store": Public(),
    "public_offer": Public(offer),
    "offer_quote": Public(offer),
    "terms": Public(lambda world: [world.document.token]),
    "terms_version": Public(lambda world: [world.document.token, 1]),
}
