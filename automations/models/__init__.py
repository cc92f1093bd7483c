"""What happens by itself."""

from automations.models.automations import Automation, AutomationVersion, Step
from automations.models.channels import HookCall, IncomingHook, TelegramChannel, TelegramMessage, WebhookDelivery
from automations.models.runs import Run, RunStep

__all__ = [
    "Automation",
    "AutomationVersion",
    "HookCall",
    "IncomingHook",
    "Run",
    "RunStep",
    "Step",
    "TelegramChannel",
    "TelegramMessage",
    "WebhookDelivery",
]
