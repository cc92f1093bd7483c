"""The closed list of tables that belong to no school, with the reason each may. Every other table is a tenant table."""

PLATFORM_TABLES: dict[str, str] = {
    "schools_school": "the schools themselves: public facts only",
    "schools_domain": "which school has this host? read before a school is known; written by its school",
    "schools_member": "which schools has this person? read by the person or the school; written by the school",
    "schools_user": "people sign in before a school is known",
    "account_emailaddress": "addresses of users (allauth)",
    "account_emailconfirmation": "proofs of addresses of users (allauth)",
    "auth_group": "part of Django's sign-in, unused",
    "auth_group_permissions": "part of Django's sign-in, unused",
    "auth_permission": "part of Django's sign-in, unused",
    "django_content_type": "names of models",
    "django_migrations": "which migrations ran",
    "django_session": "sessions of users and visitors; the key is the secret",
    "pghistory_context": "part of the row history, unused: the context lies in each row",
}

# The two directories: policies of their own, no restrictive floor.
DIRECTORY_TABLES = frozenset({"schools_domain", "schools_member"})
