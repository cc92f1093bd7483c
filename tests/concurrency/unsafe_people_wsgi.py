"""The store with one guard taken down: a buyer's contact is read without being locked. For the control of a race alone.

The product has no switch for it: the functions are replaced in the processes that this entry starts.
"""

import time
from typing import Any

from kwiga.wsgi import application

__all__ = ["application"]


def _known_contact(*, email: str, **_said: Any) -> "Contact":
    return Contact.objects.get(email=email)


def _count_and_dawdle(coupon: "Coupon", contact_id: int) -> None:
    _check_contact(coupon, contact_id)
    time.sleep(0.05)


from contacts.models import Contact  # noqa: E402  # only after the application is set up
from coupons.models import Coupon  # noqa: E402
from coupons.services import redeeming  # noqa: E402
from orders.services import placing  # noqa: E402

_check_contact = redeeming._check_contact
redeeming._check_contact = _count_and_dawdle
placing.recognize_contact = _known_contact
