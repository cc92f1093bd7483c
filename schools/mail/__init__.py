"""A school's mail: written into the outbox with the change, sent by the worker, at least once each."""

from schools.mail.queue import InvalidRecipient, queue_mail

__all__ = ["InvalidRecipient", "queue_mail"]
