"""How money is taken: one protocol, one folder per provider."""
