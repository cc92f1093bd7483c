"""How forms are drawn: Django's own widgets inside our field template."""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

# Widgets that are one tag; Django draws each of them from a template of its own.
_INPUTS = {f"django/forms/widgets/{name}.html" for name in ("text", "email", "number", "hidden", "tel", "url")}


class KwigaFormRenderer(DjangoTemplates):
    """Forms and fields from templates/forms/, widgets from Django.

    The field template wires label, help and errors to the control, so `{{ form }}` and
    `{{ form.email.as_field_group }}` look and sound right everywhere.
    """

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        if template_name in _INPUTS:
            return _input(context["widget"])
        return SafeString(super().render(template_name, context, request))

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("forms/"):
            return get_template(template_name)
        return super().get_template(template_name)


def _input(widget: Mapping[str, Any]) -> SafeString:
    """What django/forms/widgets/input.html draws."""
    said = {"type": widget["type"], "name": widget["name"]}
    if widget["value"] is not None:
        said["value"] = str(widget["value"])
    written = [f' {name}="{conditional_escape(value)}"' for name, value in said.items()]
    for name, value in widget["attrs"].items():
        if value is True:
            written.append(f" {name}")
        elif value is not False:
            written.append(f' {name}="{conditional_escape(str(value))}"')
    return SafeString(f"<input{''.join(written)}>")
