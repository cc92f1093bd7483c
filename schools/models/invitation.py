from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from schools.roles import Role
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantModel


@school_history
class Invitation(TenantModel):
    """A mailed offer to join a school's team. The link holds the token; only its digest is kept."""

    email = models.EmailField(_("Email"))
    role = models.CharField(_("Role"), max_length=10, choices=Role.choices)
    token_digest = models.CharField(max_length=64, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token_digest"], name="schools_invitation_token"),
            models.UniqueConstraint(
                fields=["school", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="schools_invitation_one_open",
                violation_error_message=_("An invitation to this email is already open."),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be accepted at that instant."""
        return self.accepted_at is None and self.revoked_at is None and at < self.expires_at
