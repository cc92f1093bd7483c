"""Whether a stopwatch tells hidden codes apart: `python -m benchmarks.hidden_codes [--times 1000]` (trust C2).

The offer page with a link that carries a code nobody has, a draft's, a paused one's, an archived one's and somebody
else's personal one, turn by turn on the processes that the demo runs; medians beside that of the unknown code.
"""

import argparse
import statistics
import time
from http.client import HTTPConnection

from benchmarks.ground import ground, running
from benchmarks.purchase import OFFER
from kwiga.local import processes

HOST = "sampleschool.localhost"
CODES = {
    "unknown": "NOBODY-HAS-IT",
    "draft": "AUTUMN",
    "paused": "PARTNER15",
    "archived": "FRIENDS-2025",
    "personal": "THANK-YOU-4XK7",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=1000)
    times = parser.parse_args().times
    port = processes.free_port()
    web = ["gunicorn", "kwiga.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "1"]
    with ground(TRUSTED_PROXIES="127.0.0.1") as environment, running([web], environment):
        if not processes.wait_until(lambda: not processes.port_is_free(port), 30):
            raise RuntimeError("the web process does not answer")
        took = timed(port, times)
    unknown = statistics.median(took["unknown"])
    for name, seconds in took.items():
        median = statistics.median(seconds)
        print(f"{name:<10} median {median * 1000:6.2f} ms, {median / unknown:.0%} of unknown ({len(seconds)} times)")


def timed(port: int, times: int) -> dict[str, list[float]]:
    """Seconds of each answer by class, in turn, so that what slows the machine slows all alike."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    took: dict[str, list[float]] = {name: [] for name in CODES}
    for number in range(times):
        for place, (name, code) in enumerate(CODES.items()):
            # Another visitor each time: whoever misses often is not looked up any more.
            address = f"10.{place}.{number % 250}.{1 + number // 250}"
            begun = time.perf_counter()
            connection.request("GET", f"/o/{OFFER}?coupon={code}", headers={"Host": HOST, "X-Forwarded-For": address})
            answer = connection.getresponse()
            page = answer.read()
            took[name].append(time.perf_counter() - begun)
            if answer.status != 200 or b"not valid here" not in page:
                raise RuntimeError(f"{name}: answered {answer.status}, or not as a hidden code")
    return took


if __name__ == "__main__":
    main()
