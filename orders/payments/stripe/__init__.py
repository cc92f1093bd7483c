"""Stripe: Checkout Sessions through the official library."""
