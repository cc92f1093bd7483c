from django.apps import AppConfig
from django.core.checks import Tags, register


class KwigaConfig(AppConfig):
    name = "kwiga"

    def ready(self) -> None:
        # Whoever sends a message, the web as well, sends it through this product's Celery.
        from kwiga import celery  # noqa: F401
        from kwiga.mailbox import check_mail_leaves

        register(check_mail_leaves, Tags.security, deploy=True)
