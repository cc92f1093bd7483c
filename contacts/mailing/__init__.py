"""Mail to contacts: who may be written to, when, and what became of it."""
