"""Bank transfer: buyers see the details of the account, staff confirm the money."""
