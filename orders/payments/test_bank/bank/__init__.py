"""The process of the Test bank: pages, interface, signed notices, and a ledger of its own. Knows nothing of Django."""
