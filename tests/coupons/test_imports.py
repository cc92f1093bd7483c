"""Coupons from a file: looked at first, made in pieces, resumed after a kill, each line once."""

import pytest

from coupons.models import Coupon, CouponImportLine
from coupons.services.imports import KIND
from schools.models import OutboxRow
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.support.coupon_files import HEAD, LINES, all_made_once, started_import, upload


def test_a_file_is_looked_at_before_anything_is_made(school, owner, staff):
    CouponFactory(school=school, code="SPRING")
    page = upload(staff(owner), HEAD + "A1,10,%,\nSPRING,10,%,\nB2,500,UAH,\nA1,5,%,\nC3,101,%,\n").text
    assert "Of 5 lines 2 would make a coupon, and 3 would be refused." in page
    assert "Another coupon has this code." in page
    assert "The file has this code before." in page
    with school_scope(school):
        assert Coupon.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("name,price\nA,1\n", "The first line must name the columns"),
        (HEAD, "no line below its head"),
    ],
)
def test_what_is_no_table_of_coupons_is_refused(school, owner, staff, text, sentence):
    assert sentence in upload(staff(owner), text).text


def test_cells_lose_the_guard_of_an_export_and_titles_are_read_like_keys(school, owner, staff):
    client = staff(owner)
    upload(client, "Coupon code;Discount amount;Comment\nA1;10;'=1+1\n")
    with school_scope(school):
        assert CouponImportLine.objects.get().cells == {"code": "A1", "size": "10", "comment": "=1+1"}


@pytest.mark.prove
def test_many_lines_with_seven_bad_ones_survive_a_kill(school, owner, staff):
    client = staff(owner)
    found = started_import(client, school)
    _run(school, pieces=3, dies=True)
    page = client.get(f"/green/coupons/import/{found.token}/").text
    assert f"1000 of {LINES}" in page  # how far it is, after a reload
    _run(school)
    all_made_once(client, school, owner)


class Killed(BaseException):
    """The process is gone in the middle of its work."""


def _run(school, pieces: int = 1_000, *, dies: bool = False) -> None:
    """Work the rows of the import that are due, as a worker does; the last of them in vain when it `dies`."""
    from coupons.services.imports import ImportEffect

    for number in range(pieces):
        try:
            with school_scope(school):
                row = OutboxRow.objects.filter(kind=KIND, done_at=None).order_by("pk").first()
                if row is None:
                    return
                ImportEffect().apply(row)
                if dies and number == pieces - 1:
                    raise Killed
                OutboxRow.objects.filter(pk=row.pk).update(done_at=row.created_at)
        except Killed:
            return
