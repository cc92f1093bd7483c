"""Addresses where other systems tell what a contact did (K05)."""
