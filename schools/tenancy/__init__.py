"""Isolation of schools: the scope every query needs, and what the database itself holds to it."""
