"""Groups of contacts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models.people import Contact
from kwiga import clock
from kwiga.tokens import address_token
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class ContactList(TenantModel):
    """A group of contacts (P2). A static one keeps who was put in; a dynamic one is whoever its filter fits now."""

    token = models.CharField(max_length=12, default=address_token, editable=False)
    name = models.CharField(_("Name of the list"), max_length=120)
    # The condition of a dynamic list (contacts.segments); None for a static one. A list stays what it is.
    conditions = models.JSONField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="contacts_list_address"),
            models.UniqueConstraint(
                fields=["school", "name"],
                condition=Q(archived_at=None),
                name="contacts_list_name_once",
                violation_error_message=_("There is a list of this name."),
            ),
        ]
        indexes = [models.Index(fields=["school", "created_at", "id"], name="contacts_list_by_time")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_dynamic(self) -> bool:
        """Whether membership follows the filter."""
        return self.conditions is not None


class ContactListMember(TenantModel):
    """A contact in a list."""

    contact_list = TenantForeignKey(ContactList, on_delete=models.CASCADE, related_name="members")
    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="list_members")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact_list"),
            TenantKey(field="contact"),
            models.UniqueConstraint(fields=["school", "contact_list", "contact"], name="contacts_member_once"),
        ]
        indexes = [
            models.Index(fields=["school", "contact"], name="contacts_member_of_contact"),
            models.Index(fields=["school", "contact_list", "created_at", "id"], name="contacts_member_by_time"),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"
