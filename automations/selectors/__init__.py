"""Reads about automations and their runs."""
