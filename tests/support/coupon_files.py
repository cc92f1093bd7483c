"""Files of coupons as the team uploads them, and what must have come of one."""

import os
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coupons.models import Coupon, CouponImport, CouponImportLine
from schools.models import Event, School, User
from schools.tenancy.scope import school_scope

HEAD = "code,size,unit,comment\n"
# Under bin/prove in full size.
LINES = 10_000 if "PROVE_SEEDS" in os.environ else 2_000
# At the ends of the file, of a piece of it, and in between.
BAD_PLACES = (0, 17, 499, 500, 1_200, LINES - 2, LINES - 1)


def upload(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("codes.csv", text.encode(), content_type="text/csv")
    return client.post("/green/coupons/import/", {"file": file}, follow=True)


def kept(school: School) -> CouponImport:
    with school_scope(school):
        return CouponImport.objects.get()


def started_import(client: Client, school: School) -> CouponImport:
    """An import of many lines, seven of them bad; asked for twice, started once, and not worked yet."""
    lines = [f"CODE-{number:05d},{number % 100 + 1},%,Batch" for number in range(LINES)]
    for place in BAD_PLACES:
        lines[place] = f"BAD-{place},0,%,"
    upload(client, HEAD + "\n".join(lines))
    found = kept(school)
    for _time in range(2):
        client.post(f"/green/coupons/import/{found.token}/start/")
    return found


def all_made_once(client: Client, school: School, actor: User) -> None:
    """Each good line is one coupon and one event of it; the bad ones are in the file of errors."""
    good = LINES - len(BAD_PLACES)
    with school_scope(school):
        assert Coupon.objects.count() == good
        states = CouponImportLine.objects.values_list("state", flat=True)
        assert (states.filter(state="made").count(), states.filter(state="refused").count()) == (good, len(BAD_PLACES))
        assert CouponImport.objects.get().finished_at is not None
        told = Event.objects.filter(kind="coupon.created", actor=actor)
        assert told.values("subject_id").distinct().count() == told.count() == good
    errors = client.get(f"/green/coupons/import/{kept(school).token}/errors/").content.decode("utf-8-sig")
    assert errors.count("BAD-") == len(BAD_PLACES) == 7
