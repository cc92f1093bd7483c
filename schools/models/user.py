"""People who work in schools. Students are contacts of one school, not users."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from kwiga import clock


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user by email; without a password only mailed codes let them in."""
        user = self.model(email=email.strip().lower(), created_at=clock.now(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").strip().lower())


class User(AbstractBaseUser):
    """A person with a sign-in; what they may do in a school is their `Member` row."""

    email = models.EmailField(_("Email"), unique=True, error_messages={"unique": _("This email is taken.")})
    name = models.CharField(_("Name"), max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    # No default: Django makes a nameless user while it checks itself, and a check needs no database.
    created_at = models.DateTimeField(editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower")]

    def __str__(self) -> str:
        return self.name or self.email
