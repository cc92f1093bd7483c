from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        from contacts import activity, forgetting, outbox, own_holding, segment_facts
        from contacts.mailing import outcomes
        from contacts.segments import uses
        from contacts.services import imports
        from schools.mail import followers

        activity.register_own()
        outbox.register_own()
        followers.register(outcomes.ContactMail())
        forgetting.register_own()
        own_holding.register_own()
        imports.register_own()
        segment_facts.register_own()
        uses.register_own()
