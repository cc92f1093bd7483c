"""What a school writes about its contacts beyond the common facts: tags, and fields of its own."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models.people import Contact
from kwiga import clock
from kwiga.tokens import address_token
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class Tag(TenantModel):
    """A word that staff and automations put on contacts."""

    token = models.CharField(max_length=12, default=address_token, editable=False)
    name = models.CharField(_("Tag"), max_length=60)
    name_key = models.CharField(max_length=60, editable=False)  # casefolded: "VIP" and "vip" are one
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="contacts_tag_address"),
            models.UniqueConstraint(fields=["school", "name_key"], name="contacts_tag_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactTag(TenantModel):
    """A tag on a contact."""

    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="contact_tags")
    tag = TenantForeignKey(Tag, on_delete=models.CASCADE, related_name="contact_tags")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            TenantKey(field="tag"),
            models.UniqueConstraint(fields=["school", "contact", "tag"], name="contacts_contacttag_once"),
        ]
        indexes = [models.Index(fields=["school", "tag", "contact"], name="contacts_contacttag_of_tag")]

    def __str__(self) -> str:
        return f"tag {self.pk}"


class ContactField(TenantModel):
    """A question of the school's own that is answered for each contact."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("One of several")
        FLAG = "flag", _("Yes or no")

    token = models.CharField(max_length=12, default=address_token, editable=False)
    label = models.CharField(_("Name of the field"), max_length=80)
    kind = models.CharField(_("Kind"), max_length=6, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True)  # texts, for Kind.CHOICE
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="contacts_field_address"),
            models.UniqueConstraint(
                fields=["school", "label"],
                condition=Q(archived_at=None),
                name="contacts_field_once",
                violation_error_message=_("There is a field of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ContactValue(TenantModel):
    """What a contact's field says: exactly one of the columns, by the kind of the field."""

    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="values")
    field = TenantForeignKey(ContactField, on_delete=models.CASCADE, related_name="values")
    text = models.CharField(max_length=500, blank=True)  # texts and choices
    number = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    date = models.DateField(null=True)
    flag = models.BooleanField(null=True)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            TenantKey(field="field"),
            models.UniqueConstraint(fields=["school", "contact", "field"], name="contacts_value_once"),
        ]
        indexes = [
            models.Index(fields=["school", "field", "text"], name="contacts_value_by_text"),
            models.Index(fields=["school", "field", "date"], name="contacts_value_by_date"),
        ]

    def __str__(self) -> str:
        return f"value {self.pk}"
