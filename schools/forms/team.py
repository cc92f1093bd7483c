"""What a person fills in about the team."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kwiga.addresses import AddressField
from schools.models import Member
from schools.roles import Role, reachable_roles


class RoleForm(forms.Form):
    """A role out of those this person may give."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, data: Any = None, *, actor: Member, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field: Any = self.fields["role"]
        field.choices = [(role.value, role.label) for role in reachable_roles(actor.role)]


class InvitationForm(RoleForm):
    """Who is invited, and to what."""

    email = AddressField(label=_("Email"), max_length=254)
    field_order = ("email", "role")

    def __init__(self, data: Any = None, *, actor: Member, **kwargs: Any) -> None:
        super().__init__(data, actor=actor, initial={"role": Role.READ_ONLY}, **kwargs)
        self.fields["email"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none"}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()
