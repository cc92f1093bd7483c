"""The statements of one purchase, taken down once for each client and said again without any web process."""

import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.buyer import Shop, buyer_fields, method_on, press

Statement = tuple[str, Any]
_NUMBERS = iter(range(10**9))


def replays_per_second(shop: Shop, clients: int, seconds: float) -> float:
    """How often so many connections say all statements of a purchase, each transaction with its commit.

    Rows are inserted into copies of the tables that have no unique keys, so that the same ones fit again and again;
    everything else is said to the tables of the store.
    """
    purchases = [[*_statements(shop)] for _ in range(clients)]
    _make_copies({name for purchase in purchases for sql, _ in purchase for name in _INSERTED.findall(sql)})
    counts = [0] * clients
    ends = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_say_again, args=(purchase, ends, counts, place))
        for place, purchase in enumerate(purchases)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


_INSERTED = re.compile(r'^INSERT INTO "(\w+)"')
_OPENS = "set_config('app.school_id'"


def _say_again(purchase: list[Statement], ends: float, counts: list[int], place: int) -> None:
    with psycopg.connect(os.environ["APP_DATABASE_URL"], cursor_factory=psycopg.ClientCursor) as connection:
        while time.monotonic() < ends:
            for sql, params in purchase:
                if _OPENS in sql:
                    connection.commit()
                connection.execute(_INSERTED.sub(r'INSERT INTO replay."\1"', sql), params)
            connection.commit()
            counts[place] += 1


def _make_copies(tables: set[str]) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("CREATE SCHEMA IF NOT EXISTS replay")
        owner.execute("GRANT USAGE ON SCHEMA replay TO shop_app")
        for table in tables:
            owner.execute(
                f'CREATE TABLE IF NOT EXISTS replay."{table}" (LIKE public."{table}" INCLUDING DEFAULTS '
                "INCLUDING IDENTITY)"
            )
            owner.execute(f'CREATE INDEX ON replay."{table}" (school_id, id)')
        owner.execute("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA replay TO shop_app")


def _statements(shop: Shop) -> Iterator[Statement]:
    """Every statement of a purchase that is made in this process."""
    set_up()
    taken: list[Statement] = []
    with _taking_down(taken):
        buy_here(shop)
    yield from (statement for statement in taken if "SAVEPOINT" not in statement[0])


@contextmanager
def _taking_down(taken: list[Statement]) -> Iterator[None]:
    from django.db import connection

    def take(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        taken.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(take):
        yield


def buy_here(shop: Shop) -> None:
    """The seven requests through the store's code in this process; the bank is the running one."""
    set_up()
    from django.test import Client

    client: Any = Client(headers={"host": f"{shop.host}:{shop.port}"})
    path, number = f"/o/{shop.offer}", f"{os.getpid()}.{next(_NUMBERS)}"
    form = buyer_fields(client.get(path).text)
    person = {"email": f"replay{number}@example.test", "name": "Somebody"}
    asked = form | person | {"coupon": shop.code, "apply": "1"}
    summary = client.post(f"{path}/quote/", asked, headers={"HX-Request": "true"}).text
    placed = client.post(path, form | person | {"coupon": shop.code} | buyer_fields(summary))
    page = client.get(placed.url).text
    gone = client.post(placed.url, {"method": method_on(page)})
    back = client.get(urlsplit(press(gone.url, "pay")).path)
    if client.get(back.url).status_code != 200:
        raise RuntimeError("the purchase in this process did not arrive")


def set_up() -> None:
    """Load the store's code in this process."""
    import django
    from django.apps import apps

    os.environ["DJANGO_SETTINGS_MODULE"] = "kwiga.settings"
    if not apps.ready:
        django.setup()
        logging.disable(logging.INFO)
