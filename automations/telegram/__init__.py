"""What the team reads in Telegram: in bursts, at the pace that Telegram allows, as plain text (K34)."""

from automations.telegram.sending import say

__all__ = ["say"]
