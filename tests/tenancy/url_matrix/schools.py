"""Schools: settings, the team, activity, deliveries, the mailbox."""

from tests.factories.world import invitation_token
from tests.tenancy.url_matrix.rows import ALL, BOSSES, HELPERS, READERS, Guest, Public, SignedIn, Staff
from tests.tenancy.world import World


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


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
    "schools:start": SignedIn(),
    "schools:create": SignedIn(),
    "schools:address": SignedIn(),
    "school_home": Staff(ALL),
    "demo_data": Staff(BOSSES),
    "schools:settings": Staff(BOSSES),
    "schools:school_address": Staff(BOSSES),
    "schools:sending": Staff(BOSSES),
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
}
