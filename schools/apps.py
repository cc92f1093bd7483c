from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "schools"
    verbose_name = _("Schools")

    def ready(self) -> None:
        from schools.activity import own
        from schools.outbox import effects
        from schools.tenancy.checks import check_tenant_models

        register(check_tenant_models, Tags.models)
        effects.register_own()
        own.register_own()
