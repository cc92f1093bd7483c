from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from courses import activity, contacts, holdings, segment_facts

        activity.register_own()
        contacts.register_own()
        holdings.register_own()
        segment_facts.register_own()
