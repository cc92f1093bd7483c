"""What limits a run: which processes the time of the cores goes to, and which code within the web process."""

import cProfile
import io
import os
import pstats
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.buyer import Shop
from benchmarks.replay import buy_here

_TICKS = os.sysconf("SC_CLK_TCK")
_PURCHASES = 30


@contextmanager
def cpu_shares(environment: dict[str, str], *, show: bool) -> Iterator[None]:
    """Print the share of all cores that each program took inside the block."""
    before, begun = _seconds_by_program(), time.monotonic()
    yield
    if not show:
        return
    cores = (time.monotonic() - begun) * (os.cpu_count() or 1)
    used = {name: seconds - before.get(name, 0) for name, seconds in _seconds_by_program().items()}
    dearest = sorted(used, key=lambda name: -used[name])
    shares = ", ".join(f"{name} {used[name] / cores:.0%}" for name in dearest if used[name] > cores / 100)
    print(f"of {os.cpu_count()} cores at most clients: {shares}")


def _seconds_by_program() -> dict[str, float]:
    """Seconds of processor time so far, by program."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                command = (folder / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
                numbers = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            seconds[_program(command, int(folder.name))] += (int(numbers[11]) + int(numbers[12])) / _TICKS
    return seconds


def _program(command: str, pid: int) -> str:
    known = {"skeleton": "skeleton", "gunicorn": "web", "celery": "worker", "postgres": "postgres", "bank": "bank"}
    if pid == os.getpid():
        return "clients"
    return next((name for word, name in known.items() if word in command), "others")


def print_profile(shop: Shop) -> None:
    """Where a purchase spends its time in the store's process, by the layer, and the dearest functions."""
    buy_here(shop)
    profile = cProfile.Profile()
    profile.enable()
    for _time in range(_PURCHASES):
        buy_here(shop)
    profile.disable()
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    layers: defaultdict[str, float] = defaultdict(float)
    for (path, _line, _name), (_calls, _all, own, _whole, _callers) in stats.stats.items():  # type: ignore[attr-defined]
        layers[_layer(path)] += own
    total = sum(layers.values())
    print(
        "a purchase by layer: "
        + ", ".join(f"{name} {own / total:.0%}" for name, own in sorted(layers.items(), key=lambda each: -each[1]))
    )
    stats.sort_stats("tottime").print_stats(15)
    print(text.getvalue())


def _layer(path: str) -> str:
    layers = {
        "psycopg": "psycopg (SQL included)",
        "django/db": "ORM",
        "django/template": "templates",
        "django_cotton": "components",
        "django": "rest of Django",
        "urllib3": "talk with the bank",
        "http/client": "talk with the bank",
        "site-packages": "other packages",
        str(Path(__file__).resolve().parent.parent): "the store's own code",
    }
    return next((name for part, name in layers.items() if part in path), "Python")
