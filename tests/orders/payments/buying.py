"""A buyer with the link to one order."""

from typing import Any

from django.test import Client

from orders.links import pay_token
from orders.models import Order, Payment
from schools.tenancy.scope import school_scope


class Buyer:
    """A browser without cookies on the school's site, with the link to one order."""

    def __init__(self, school: Any, order: Order) -> None:
        self.school, self.order = school, order
        with school_scope(school):
            self.token = pay_token(order)
        self.path = f"/pay/{self.token}/"

    @property
    def client(self) -> Client:
        return Client(headers={"host": f"{self.school.slug}.localhost"})

    def look(self, **options: Any) -> Any:
        return self.client.get(self.path, **options)

    def choose(self, connection: Any, **options: Any) -> Any:
        return self.client.post(self.path, {"method": connection.token}, **options)

    def come_back(self, method: str = "get", data: dict[str, str] | None = None) -> Any:
        client = Client(headers={"host": f"{self.school.slug}.localhost"}, enforce_csrf_checks=True)
        return getattr(client, method)(f"{self.path}return/", data)

    def fresh(self) -> Order:
        with school_scope(self.school):
            return Order.objects.get(pk=self.order.pk)

    def payments(self) -> list[Payment]:
        with school_scope(self.school):
            return list(Payment.objects.filter(order=self.order).order_by("pk"))
