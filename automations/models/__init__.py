"""What happens by itself."""

from automations.models.automations import Automation, AutomationVersion, Step
from automations.models.channels import IncomingHook, TelegramChannel, TelegramMessage, WebhookDelivery
from automations.models.runs import Run, RunStep

__all__ = [
    "Automation",
    "AutomationVersion",
    "IncomingHook",
    "Run",
    "RunStep",
    "Step",
    "TelegramChannel",
    "TelegramMessage",
    "WebhookDelivery",
]
