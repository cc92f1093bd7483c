from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AutomationsConfig(AppConfig):
    name = "automations"
    verbose_name = _("Automations")

    def ready(self) -> None:
        from automations import activity, connections, contacts, holdings, list_uses
        from automations.actions import own as actions
        from automations.engine import own as engine
        from automations.triggers import own as triggers

        activity.register_own()
        triggers.register_own()
        actions.register_own()
        engine.register_own()
        list_uses.register_own()
        connections.register_own()
        contacts.register_own()
        holdings.register_own()
