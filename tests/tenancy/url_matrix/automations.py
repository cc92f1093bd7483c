"""Process automation, in the dashboard."""

from tests.tenancy.url_matrix.rows import AUTOMATION_READERS, AUTOMATORS, Guest, Public, SignedIn, Staff
from tests.tenancy.world import World


def automation(world: World) -> list[object]:
    return [world.automation.token]


def step(world: World) -> list[object]:
    return [world.automation.token, 0]


def run(world: World) -> list[object]:
    return [world.run.token]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
    "automations:list": Staff(AUTOMATION_READERS),
    "automations:new": Staff(AUTOMATORS),
    "automations:errors": Staff(AUTOMATION_READERS),
    "automations:people": Staff(AUTOMATORS),
    "automations:undo": Staff(AUTOMATORS, lambda world: ["nothing"]),
    "automations:run": Staff(AUTOMATION_READERS, run),
    "automations:run_retry": Staff(AUTOMATORS, run),
    "automations:run_stop": Staff(AUTOMATORS, run),
    "automations:detail": Staff(AUTOMATION_READERS, automation),
    "automations:edit": Staff(AUTOMATION_READERS, automation),
    "automations:facts": Staff(AUTOMATORS, automation),
    "automations:trigger": Staff(AUTOMATORS, automation),
    "automations:conditions": Staff(AUTOMATORS, automation),
    "automations:step_add": Staff(AUTOMATORS, automation),
    "automations:step": Staff(AUTOMATORS, step),
    "automations:step_move": Staff(AUTOMATORS, step),
    "automations:step_delete": Staff(AUTOMATORS, step),
    "automations:runs": Staff(AUTOMATION_READERS, automation),
    "automations:rehearsal": Staff(AUTOMATION_READERS, automation),
    "automations:by_hand": Staff(AUTOMATORS, automation),
    "automations:move": Staff(AUTOMATORS, lambda world: [world.automation.token, "copy"]),
}
