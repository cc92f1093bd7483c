"""Contacts: in the dashboard, and as they sign in to a school's site."""

from tests.tenancy.url_matrix.rows import (
    BOSSES,
    CONTACT_EDITORS,
    CONTACT_READERS,
    EDITORS,
    Guest,
    Public,
    SignedIn,
    Staff,
    Student,
)
from tests.tenancy.world import World


def contact(world: World) -> list[object]:
    return [world.contact.token]


def contact_import(world: World) -> list[object]:
    return [world.contact_import.token]


def field(world: World) -> list[object]:
    return [world.contact_field.token]


def contact_list(world: World) -> list[object]:
    return [world.contact_list.token]


def claim_link(world: World) -> list[object]:
    return [world.claim_link]


def unsubscribe_link(world: World) -> list[object]:
    return [world.unsubscribe_link]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
    "contacts:list": Staff(CONTACT_READERS),
    "contacts:new": Staff(CONTACT_EDITORS),
    "contacts:export": Staff(EDITORS),
    "contacts:import": Staff(CONTACT_EDITORS),
    "contacts:import_detail": Staff(CONTACT_EDITORS, contact_import),
    "contacts:import_errors": Staff(CONTACT_EDITORS, contact_import),
    "contacts:bulk": Staff(CONTACT_EDITORS),
    "contacts:undo": Staff(CONTACT_EDITORS, lambda world: ["nothing"]),
    "contacts:fields": Staff(BOSSES),
    "contacts:fields_new": Staff(BOSSES),
    "contacts:fields_edit": Staff(BOSSES, field),
    "contacts:fields_move": Staff(BOSSES, lambda world: [*field(world), "up"]),
    "contacts:lists": Staff(CONTACT_READERS),
    "contacts:lists_new": Staff(CONTACT_EDITORS),
    "contacts:lists_detail": Staff(CONTACT_READERS, contact_list),
    "contacts:lists_count": Staff(CONTACT_READERS, contact_list),
    "contacts:lists_edit": Staff(CONTACT_EDITORS, contact_list),
    "contacts:lists_delete": Staff(CONTACT_EDITORS, contact_list),
    "contacts:lists_add": Staff(CONTACT_EDITORS, contact_list),
    "contacts:lists_remove": Staff(CONTACT_EDITORS, contact_list),
    "contacts:card": Staff(CONTACT_READERS, contact),
    "contacts:merge": Staff(CONTACT_EDITORS, contact),
    "contacts:personal_data": Staff(EDITORS, contact),
    "contacts:erase": Staff(BOSSES, contact),
    "contacts:edit": Staff(CONTACT_EDITORS, contact),
    "contacts:change": Staff(CONTACT_EDITORS, contact),
    "contacts:consent": Staff(CONTACT_EDITORS, contact),
    "contacts:link": Staff(CONTACT_EDITORS, contact),
    "contacts:sign_out": Staff(CONTACT_EDITORS, contact),
}

SITE: dict[str, Public | Student] = {
    "sign_in": Public(),
    "sign_in_code": Public(),
    "sign_out": Public(),
    "claim": Public(claim_link),
    "unsubscribe": Public(unsubscribe_link),
    "resubscribe": Public(unsubscribe_link),
    "student_start": Student(),
    "student_profile": Student(),
    "student_email": Student(),
    "student_email_code": Student(),
    "student_sign_out_everywhere": Student(),
}
