"""Coupons: `python -m benchmarks.coupons [--buyers 240] [--coupons 1000000]`.

The POST that places an order, without a coupon, with one that has no total limit, and with one hot limited one, turn
by turn on the demo's processes; codes tried a second; then lookup, list, filter and search with a million coupons,
beside the bare SQL. In the end every rule about coupons must hold.
"""

import argparse
import itertools
import logging
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from typing import Any

import psycopg

from benchmarks.buyer import Buyer, Shop, buyer_fields
from benchmarks.ground import ROOT
from benchmarks.purchase import OFFER, stores

SCHOOL = "sampleschool"
CODES = {"none": "", "unlimited": "BENCHFREE", "hot limited": "BENCHHOT"}
GOALS = {"none": 1.0, "unlimited": 0.9, "hot limited": 0.7}
CLIENTS, ROUNDS, TIMES = 4, 3, 7
RULES = ["coupon_within_limit", "counter_equals_uses", "contact_within_limit", "use_belongs_to_live_order"]
FILL = """
    WITH made AS (
        INSERT INTO coupons_coupon (school_id, token, kind, percent_bp, currency, uses, is_used, audience,
            for_all_offers, combines, comment, is_draft, made_by, max_uses_per_contact, created_at, updated_at, ends_at)
        SELECT %(school)s, 'b' || lpad(n::text, 11, '0'), 'percent', 100 + n %% 9900, '', 0, false, 'everyone',
            true, false, 'bulk' || n %% 5003, false, '', 1, now() - n * interval '1 second', now(),
            now() + n * interval '1 minute'
        FROM generate_series(1, %(count)s) n RETURNING id, token
    ), coded AS (
        INSERT INTO coupons_couponcode (school_id, coupon_id, code, code_key, created_at)
        SELECT %(school)s, id, upper(token), upper(token), now() FROM made RETURNING coupon_id, code_key
    )
    INSERT INTO schools_searchword (school_id, kind, word, object_id)
    SELECT %(school)s, 'coupon', lower(code_key), coupon_id FROM coded
"""
LISTS = {
    "list: first page": "coupons/",
    "list: paused": "coupons/?state=paused",
    "list: by code": "coupons/?sort=code",
    "list: by end": "coupons/?sort=ends",
    "list: by size": "coupons/?sort=size",
    "list: a code": "coupons/?q=b000000123",
}
_numbers = itertools.count(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--buyers", type=int, default=240, help="orders in each round of each kind")
    parser.add_argument("--coupons", type=int, default=1_000_000, help="coupons in the list")
    options = parser.parse_args()
    with stores() as (store, _skeleton, environment):
        _set_up()
        measure_checkouts(store, options.buyers)
        measure_applies(store, options.buyers)
        command = [sys.executable, "manage.py", "invariants", *RULES]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        measure_lists(environment, options.coupons)


def set_up_django() -> None:
    """Make the models usable here, in the environment of the stores."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kwiga.settings"
    django.setup()
    logging.disable(logging.INFO)


def _set_up() -> None:
    set_up_django()
    from coupons.services.coupons import CouponTerms, create_coupon
    from schools.models import School
    from schools.tenancy.scope import school_scope

    with school_scope(School.objects.get(slug=SCHOOL)):
        for code, limit in (("BENCHFREE", None), ("BENCHHOT", 1_000_000)):
            create_coupon(terms=CouponTerms(code=code, percent_bp=1_000, max_uses=limit), actor=None)


def measure_checkouts(store: Shop, buyers: int) -> None:
    """Rounds of each kind by turns, so that the machine's moods hit all alike; the median round counts."""
    place_orders(store, "", buyers // 4)
    rates: dict[str, list[float]] = {name: [] for name in CODES}
    for _round in range(ROUNDS):
        for name, code in CODES.items():
            rates[name].append(place_orders(store, code, buyers))
    base = statistics.median(rates["none"])
    print(f"{'checkouts':<14}{'a second':>10}{'ratio':>7}{'goal':>6}")
    for name, found in rates.items():
        rate = statistics.median(found)
        print(f"{name:<14}{rate:>10.1f}{rate / base:>7.2f}{GOALS[name]:>6.1f}", flush=True)


def place_orders(store: Shop, code: str, buyers: int) -> float:
    """Orders placed a second; the forms are opened before, so that only their posting is timed."""
    forms = [opened(store, code) for _ in range(buyers)]
    path = f"/o/{store.offer}"
    return _together(forms, lambda buyer, link, form: buyer._ask(link, "POST", path, form, wanted=303))


def measure_applies(store: Shop, buyers: int) -> None:
    """How many codes can be tried a second, each by another guest."""
    forms = [opened(store, "BENCHHOT") for _ in range(buyers)]
    path = f"/o/{store.offer}/quote/"
    rate = _together(forms, lambda buyer, link, form: buyer._ask(link, "POST", path, form | {"apply": "1"}, wanted=200))
    print(f"{'applies':<14}{rate:>10.1f}", flush=True)


def opened(store: Shop, code: str) -> tuple[Buyer, HTTPConnection, dict[str, str]]:
    """A fresh guest with the form of the offer before them, the code in it."""
    number = next(_numbers)
    buyer = Buyer(store, number, prefix="coupon")
    link = HTTPConnection("127.0.0.1", store.port, timeout=30, source_address=(buyer.source, 0))
    _location, page = buyer._ask(link, "GET", f"/o/{OFFER}" + (f"?coupon={code}" if code else ""), wanted=200)
    link.close()
    who = {"email": f"coupon{number}@example.test", "name": f"Buyer {number}", "coupon": code}
    return buyer, link, buyer_fields(page) | who


def _together(forms: list[tuple[Buyer, HTTPConnection, dict[str, str]]], act: Callable[..., Any]) -> float:
    begun, problems, waiting = time.monotonic(), list[Exception](), iter(forms)
    lock = threading.Lock()

    def client() -> None:
        try:
            while True:
                with lock:
                    work = next(waiting, None)
                if work is None:
                    return
                act(*work)
                work[1].close()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return len(forms) / (time.monotonic() - begun)


def measure_lists(environment: dict[str, str], count: int) -> None:
    """Milliseconds of the server for each list, and of a lookup beside its bare SQL."""
    from django.db import connection
    from django.test import Client

    from coupons.selectors.finding import find_code
    from schools.models import School, User
    from schools.tenancy.scope import school_scope

    school = School.objects.get(slug=SCHOOL)
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("ALTER TABLE coupons_coupon DISABLE TRIGGER USER")
        with school_scope(school), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(FILL, {"school": school.pk, "count": count})
        owner.execute("ALTER TABLE coupons_coupon ENABLE TRIGGER USER")
        owner.execute("VACUUM ANALYZE coupons_coupon, coupons_couponcode, schools_searchword")
    bare = "SELECT * FROM coupons_couponcode WHERE school_id = %s AND code_key = %s"
    with school_scope(school), connection.cursor() as cursor:
        ours = median_ms(lambda: find_code("b00000012345"))
        plain = median_ms(lambda: cursor.execute(bare, [school.pk, "B00000012345"]))
    print(f"{'lookup':<20}{ours:>8.2f} ms{plain:>8.2f} ms by bare SQL")
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email=f"owner@{SCHOOL}.test"))
    for name, path in LISTS.items():
        page = partial(client.get, f"/{SCHOOL}/{path}")
        print(f"{name:<20}{median_ms(page):>8.0f} ms", flush=True)


def median_ms(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(TIMES):
        begun = time.monotonic()
        work()
        times.append((time.monotonic() - begun) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
