"""Calls that automations make: signed as Standard Webhooks says, tried again, and logged."""
