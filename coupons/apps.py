from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CouponsConfig(AppConfig):
    name = "coupons"
    verbose_name = _("Coupons")

    def ready(self) -> None:
        from coupons import activity, contacts, holdings, segment_facts
        from coupons.services import batches, due, imports
        from schools.outbox import effects as outbox

        activity.register_own()
        outbox.register(due.END, due.EndEffect())
        batches.register_own()
        imports.register_own()
        contacts.register_own()
        holdings.register_own()
        segment_facts.register_own()
