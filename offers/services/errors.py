"""Refusals of the offers app."""

from kwiga.errors import DomainError


class OfferRefused(DomainError):
    """The offer may not make this move, or may not say this."""


class TermsRefused(DomainError):
    """A legal document may not be written like this."""


class NotReady(OfferRefused):
    """Something is missing before the offer can go on sale; `problems` has a sentence each."""

    def __init__(self, message: str, problems: list[str]) -> None:
        super().__init__(message)
        self.problems = problems
