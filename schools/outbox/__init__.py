"""Work that must not be lost: rows written with the change, drained by the worker (trust 1.2)."""
