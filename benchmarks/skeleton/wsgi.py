"""`gunicorn benchmarks.skeleton.wsgi:application`; `python -m benchmarks.skeleton.wsgi` makes the tables first."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.skeleton.settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()


def make_tables() -> None:
    """The tables, and the one offer."""
    from django.core.management import call_command

    from benchmarks.skeleton.models import Offer

    call_command("migrate", run_syncdb=True, verbosity=0)
    words = {"title": "English for work", "description": "Ten lessons. " * 40}
    Offer.objects.create(token="TnHG7QjEFukO", price_minor=120_000, **words)  # noqa: S106  an address


if __name__ == "__main__":
    make_tables()
