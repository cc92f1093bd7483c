from schools.forms.school import AddressForm, CreateSchoolForm, SettingsForm
from schools.forms.sending import SendingForm
from schools.forms.team import InvitationForm, RoleForm

__all__ = ["AddressForm", "CreateSchoolForm", "InvitationForm", "RoleForm", "SendingForm", "SettingsForm"]
