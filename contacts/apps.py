from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        from contacts import activity, outbox, segment_facts

        activity.register_own()
        outbox.register_own()
        segment_facts.register_own()
