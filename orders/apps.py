from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from orders import activity, contacts, effects, holdings, notices, segment_facts
        from orders.payments import activity as payments_activity
        from orders.payments import publishing, reconciliation, registry
        from orders.services import batches, inbox, reconciling
        from schools.outbox import effects as outbox

        registry.register_own()
        payments_activity.register_own()
        publishing.register_own()
        outbox.register(inbox.KIND, inbox.InboxEffect())
        outbox.register(reconciling.KIND, reconciliation.ReconcileEffect())
        activity.register_own()
        effects.register_own()
        batches.register_own()
        contacts.register_own()
        holdings.register_own()
        segment_facts.register_own()
        notices.register_own()
