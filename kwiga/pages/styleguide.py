"""What the style guide shows: one sample file for each component, and invented facts to fill them."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings

from kwiga.charts import Point, chart

TEMPLATES: Path = settings.ROOT / "templates"
SAMPLES = TEMPLATES / "ui" / "samples"
COLOURS = (
    "page",
    "surface",
    "sunken",
    "raised",
    "line",
    "ink",
    "muted",
    "accent",
    "accent-soft",
    "ok",
    "warn",
    "danger",
)
_SALES = (
    ("Jan", 12),
    ("Feb", 19),
    ("Mar", 8),
    ("Apr", 27),
    ("May", 31),
    ("Jun", 22),
    ("Jul", 5),
    ("Aug", 14),
    ("Sep", 38),
)


class SampleForm(forms.Form):
    """One control of each kind."""

    name = forms.CharField(help_text="As it stands on the certificate.")
    email = forms.EmailField(label="Email", required=False)
    password = forms.CharField(widget=forms.PasswordInput)
    role = forms.ChoiceField(choices=[("teacher", "Teacher"), ("sales", "Sales")])
    starts_at = forms.DateTimeField(
        label="Starts",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    picture = forms.FileField(required=False)
    about = forms.CharField(widget=forms.Textarea, required=False, help_text="Grows as you type.")
    plan = forms.ChoiceField(
        choices=[("whole", "Pay at once"), ("parts", "Pay in parts")],
        widget=forms.RadioSelect,
    )
    topics = forms.MultipleChoiceField(
        choices=[("piano", "Piano"), ("voice", "Voice")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    published = forms.BooleanField(required=False, help_text="Visible in the store at once.")

    def clean(self) -> None:
        """Refuse whatever was sent, so that the guide can show it."""
        self.add_error(None, "Two people changed this at once. Look at it again and save.")


def component_names() -> list[str]:
    """Every component as it is written in a tag: "button", "menu.item"."""
    root = TEMPLATES / settings.COTTON_DIR
    files = (path.relative_to(root).with_suffix("") for path in sorted(root.rglob("*.html")))
    return [".".join(part for part in path.parts if part != "index").replace("_", "-") for path in files]


def sample_context() -> dict[str, Any]:
    """Invented facts that the samples use."""
    points = [Point(label, value, f"{value}") for label, value in _SALES]
    return {
        "form": SampleForm(initial={"name": "Oksana Melnyk", "plan": "whole"}),
        "wrong_form": SampleForm(
            {"name": "", "email": "oksana@", "plan": "whole", "role": "boss"},
            auto_id="wrong_%s",
        ),
        "chart": chart(points),
        "instant": datetime(2026, 11, 21, 14, 5, tzinfo=UTC),
        "colours": COLOURS,
        "person": SimpleNamespace(is_authenticated=True, name="Oksana Melnyk", email="oksana@bright.test"),
    }


def guide() -> dict[str, Any]:
    """Context of the whole page."""
    samples = [(path.stem.replace("_", "-"), f"ui/samples/{path.name}") for path in sorted(SAMPLES.glob("*.html"))]
    return {"samples": samples, **sample_context()}
