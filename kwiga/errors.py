"""What a service raises when a rule of the shop says no."""

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal with a translated sentence that can be shown to the person who asked."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(str(message))
        self.message = message


class Gone(Exception):
    """Raised by a view for what was here once and is so no longer: the person gets the page for 410."""
