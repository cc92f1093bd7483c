from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from orders import activity, effects
        from orders.payments import activity as payments_activity
        from orders.payments import registry

        registry.register_own()
        payments_activity.register_own()
        activity.register_own()
        effects.register_own()
