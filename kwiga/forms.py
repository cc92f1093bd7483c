"""How forms are drawn: Django's own widgets inside our field template."""

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template


class KwigaFormRenderer(DjangoTemplates):
    """Forms and fields from templates/forms/, widgets from Django.

    The field template wires label, help and errors to the control, so `{{ form }}` and
    `{{ form.email.as_field_group }}` look and sound right everywhere.
    """

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("forms/"):
            return get_template(template_name)
        return super().get_template(template_name)
