from schools.forms.school import AddressForm, CreateSchoolForm, SettingsForm
from schools.forms.team import InvitationForm, RoleForm

__all__ = ["AddressForm", "CreateSchoolForm", "InvitationForm", "RoleForm", "SettingsForm"]
