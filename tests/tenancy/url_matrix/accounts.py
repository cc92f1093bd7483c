"""Who has an account on the platform: signing in, preferences, and pages that everybody sees."""

from tests.tenancy.url_matrix.rows import Guest, Public, SignedIn, Staff, Student
from tests.tenancy.world import World


def public_file(world: World) -> list[object]:
    return [world.public_file]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
    "landing": Public(),
    "preferences_theme": Public(),
    "preferences_language": Public(),
    "platform_mailbox": Public(),
    "platform_message": Public(lambda world: [world.platform_message]),
    "file": Public(public_file),
    "account": SignedIn(),
    # Sign-in (django-allauth). Pages that need a sign-in or a running flow send everybody else on.
    "account_signup": Public(),
    "account_login": Public(),
    "account_logout": SignedIn(),
    "account_reauthenticate": SignedIn(),
    "account_change_password": SignedIn(),
    "account_set_password": SignedIn(),
    "account_inactive": Public(),
    "account_email": SignedIn(),
    "account_email_verification_sent": Public(),
    "account_reset_password": Public(),
    "account_password_reset_completed": Public(),
    "account_confirm_login_code": Public(),
    "account_request_login_code": Public(),
    "account_confirm_password_reset_code": Public(),
    "account_complete_password_reset": Public(),
}

SITE: dict[str, Public | Student] = {
    "sitemap": Public(),
    "robots": Public(),
    "file": Public(public_file),
    "preferences_theme": Public(),
    "preferences_language": Public(),
}
