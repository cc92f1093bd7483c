"""The Test bank: a provider for trying the store out, with pages and an interface in a process of its own."""
