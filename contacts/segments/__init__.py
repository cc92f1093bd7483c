"""Who fits a condition: the language of dynamic lists and automations, and the facts it speaks of."""
