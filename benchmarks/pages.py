"""Pages a second on the processes that the demo runs: `python -m benchmarks.pages`.

The offer page, the store and the sign-in page at 1, 4 and 16 clients, each beside `/livez`, which is the server and
Django's outermost middleware alone; and the memory of the web processes before and after.
"""

from benchmarks.ground import ground, requests_per_second, resident_megabytes, running
from kwiga.local import processes

SECONDS = 4.0
PAGES = {
    "offer page": ("sampleschool.localhost", "/o/TnHG7QjEFukO?coupon=SPRING"),
    "store": ("sampleschool.localhost", "/"),
    "sign-in": ("localhost", "/accounts/login/"),
}
BASELINE = ("localhost", "/livez")


def main() -> None:
    port = processes.free_port()
    web = ["gunicorn", "kwiga.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    with ground() as environment, running([web], environment) as (process,):
        if not processes.wait_until(lambda: not processes.port_is_free(port), 30):
            raise RuntimeError("the web process does not answer")
        before = resident_megabytes(process.pid)
        print(f"{'page':<12}{'clients':>8}{'a second':>10}{'median ms':>11}{'of /livez':>11}")
        for clients in (1, 4, 16):
            bare, _ = requests_per_second(port, *BASELINE, clients, SECONDS)
            for name, (host, path) in PAGES.items():
                rate, median = requests_per_second(port, host, path, clients, SECONDS)
                print(f"{name:<12}{clients:>8}{rate:>10.0f}{median:>11.1f}{rate / bare:>10.0%}")
            print(f"{'/livez':<12}{clients:>8}{bare:>10.0f}")
        print(f"web processes: {before:.0f} MB resident before, {resident_megabytes(process.pid):.0f} MB after")


if __name__ == "__main__":
    main()
