"""Six tables with the indexes that such tables have."""

from typing import ClassVar

from django.db import models


class Offer(models.Model):
    token = models.CharField(max_length=12, unique=True)
    title = models.CharField(max_length=160)
    description = models.TextField()
    price_minor = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects: ClassVar[models.Manager["Offer"]] = models.Manager()

    def __str__(self) -> str:
        return self.title


class Contact(models.Model):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects: ClassVar[models.Manager["Contact"]] = models.Manager()

    def __str__(self) -> str:
        return self.email


class Order(models.Model):
    token = models.CharField(max_length=40, unique=True)
    key = models.CharField(max_length=64, unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT)
    state = models.CharField(max_length=14, default="pending", db_index=True)
    total_minor = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects: ClassVar[models.Manager["Order"]] = models.Manager()

    def __str__(self) -> str:
        return self.token


class Payment(models.Model):
    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    token = models.CharField(max_length=12, unique=True)
    provider_ref = models.CharField(max_length=255, db_index=True)
    url = models.CharField(max_length=300)
    state = models.CharField(max_length=14, default="created", db_index=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects: ClassVar[models.Manager["Payment"]] = models.Manager()

    def __str__(self) -> str:
        return self.token


class Fact(models.Model):
    """Whatever else a purchase writes down: lines, what they open, words to be found by, the journal, the outbox."""

    kind = models.CharField(max_length=40)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects: ClassVar[models.Manager["Fact"]] = models.Manager()

    def __str__(self) -> str:
        return self.kind
