"""Webhooks in both directions, and Telegram channels."""

from tests.tenancy.url_matrix.rows import BOSSES, Guest, Public, SignedIn, Staff, Student
from tests.tenancy.world import World


def hook(world: World) -> list[object]:
    return [world.hook.token]


def hook_secret(world: World) -> list[object]:
    return [world.hook.secret]


def channel(world: World) -> list[object]:
    return [world.channel.token]


def webhook_delivery(world: World) -> list[object]:
    return [world.webhook_delivery.pk]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
    "connections:list": Staff(BOSSES),
    "connections:secret": Staff(BOSSES),
    "connections:deliveries": Staff(BOSSES),
    "connections:delivery_retry": Staff(BOSSES, webhook_delivery),
    "connections:hook_new": Staff(BOSSES),
    "connections:hook": Staff(BOSSES, hook),
    "connections:hook_rotate": Staff(BOSSES, hook),
    "connections:hook_archive": Staff(BOSSES, hook),
    "connections:channel_new": Staff(BOSSES),
    "connections:channel": Staff(BOSSES, channel),
    "connections:channel_trial": Staff(BOSSES, channel),
    "connections:channel_remove": Staff(BOSSES, channel),
}

SITE: dict[str, Public | Student] = {
    "incoming_hook": Public(hook_secret),
}
