from schools.forms.school import CreateSchoolForm, SettingsForm
from schools.forms.team import InvitationForm, RoleForm

__all__ = ["CreateSchoolForm", "InvitationForm", "RoleForm", "SettingsForm"]
