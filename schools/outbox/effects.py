"""What each kind of outbox row does."""


def register_own() -> None:
    """Register the effects that this app brings."""
