"""Who wants to know what becomes of mails: apps to the right register in `AppConfig.ready()`."""

from datetime import datetime

from schools.models import School


class Follower:
    """Told of every mail of a school, by the key it was ordered with, in the school's open scope. Each does nothing."""

    def is_wanted(self, school: School, template: str, dedupe_key: str, at: datetime) -> bool:
        """Whether the mail may still go out; when not, it is dropped. Raises effects.NotYet to put it off."""
        return True

    def sent(self, dedupe_key: str) -> None:
        """The server took it."""

    def refused(self, dedupe_key: str, address: str) -> bool:
        """The server knows nobody at the address. Whether that settles it, so that staff need not look at it."""
        return False

    def failed(self, dedupe_key: str) -> None:
        """The last attempt failed."""


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Tell `follower` of mails from now on."""
    _followers.append(follower)


def followers() -> tuple[Follower, ...]:
    """All of them, in the order of registration."""
    return tuple(_followers)
