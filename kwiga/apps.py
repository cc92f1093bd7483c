from django.apps import AppConfig
from django.core.checks import Tags, register


class KwigaConfig(AppConfig):
    name = "kwiga"

    def ready(self) -> None:
        # Whoever sends a message, the web as well, sends it through this product's Celery.
        from kwiga import celery  # noqa: F401
        from kwiga.checks import check_key_ring, check_no_demo, check_no_test_bank, check_sender
        from kwiga.mailbox import check_mail_leaves

        for check in (check_mail_leaves, check_key_ring, check_no_demo, check_no_test_bank, check_sender):
            register(check, Tags.security, deploy=True)
