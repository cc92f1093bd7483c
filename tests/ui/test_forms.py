"""Fields: label, help and errors are wired to the control, whoever draws them."""

import pytest
from django import forms
from django.conf import settings

from kwiga.pages.styleguide import SampleForm
from tests.ui.html import Element, faults, parse


def control(html: str, name: str) -> Element:
    return next(element for element in parse(html).elements if element.attributes.get("name") == name)


def test_forms_are_drawn_by_our_templates() -> None:
    assert settings.FORM_RENDERER == "kwiga.forms.KwigaFormRenderer"
    assert 'class="field"' in str(SampleForm())


@pytest.mark.parametrize("form", [SampleForm(), SampleForm({}), SampleForm({"name": "A", "email": "x"})])
def test_whole_form_is_sound(form: forms.Form) -> None:
    assert faults(f"<form>{form}</form>") == []


def test_help_and_errors_are_read_with_the_control() -> None:
    html = str(SampleForm({"name": ""})["name"].as_field_group())
    name = control(html, "name")
    assert name.attributes["aria-invalid"] == "true"
    assert name.attributes["aria-describedby"] == "id_name_helptext id_name_error"
    assert "This field is required." in html


def test_group_of_choices_has_a_legend() -> None:
    page = parse(str(SampleForm()["plan"].as_field_group()))
    assert len(page.all("fieldset")) == len(page.all("legend")) == 1


def test_errors_of_the_whole_form_are_announced() -> None:
    page = parse(str(SampleForm({})))
    assert "alert" in page.values("role")


def test_hidden_fields_are_sent_but_not_drawn() -> None:
    class Hidden(forms.Form):
        key = forms.CharField(widget=forms.HiddenInput)

    html = str(Hidden())
    assert control(html, "key").attributes["type"] == "hidden"
    assert not parse(html).all("label")


def test_only_what_is_optional_is_marked() -> None:
    assert "optional" not in str(SampleForm()["name"].as_field_group())
    assert "optional" in str(SampleForm()["email"].as_field_group())
