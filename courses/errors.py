"""What the services of courses refuse."""

from kwiga.errors import DomainError


class AccessRefused(DomainError):
    """The access cannot be opened or changed like this."""


class ContentRefused(DomainError):
    """The course, module or lesson may not make this move."""


class LessonClosed(DomainError):
    """The lesson is not open to this contact now."""


class SubmissionRefused(DomainError):
    """The answer cannot be handed in or decided like this."""
