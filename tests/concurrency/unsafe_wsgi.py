"""The store with one guard taken down: uses of a coupon are looked at, then counted. For the control of a race alone.

The product has no switch for it: the function is replaced in the processes that this entry starts.
"""

import time

from kwiga.wsgi import application

__all__ = ["application"]


def _look_and_count(seen: "Coupon") -> bool:
    found = Coupon.objects.get(pk=seen.pk)
    time.sleep(0.05)
    if found.max_uses is None or found.uses >= found.max_uses:
        return False
    return bool(Coupon.objects.filter(pk=seen.pk).update(uses=found.uses + 1, is_used=True))


from coupons.models import Coupon  # noqa: E402  # only after the application is set up
from coupons.services import redeeming  # noqa: E402

redeeming.count_use = _look_and_count
