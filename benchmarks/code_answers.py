"""Does the time of an answer tell a hidden code from none? `python -m benchmarks.code_answers [--rounds 150]`.

Fresh guests try an unknown code and codes that are a draft, paused, archived, of another school and of another person,
by turns on the demo's processes; printed are the median of each and its ratio to that of the unknown code (trust C2).
"""

import argparse
import itertools
import statistics
import time
from http.client import HTTPConnection

from benchmarks.buyer import Buyer, Shop, buyer_fields
from benchmarks.coupons import SCHOOL, set_up_django
from benchmarks.purchase import OFFER, stores

UNKNOWN = "CODE-UNKNOWN"
# A few guests of each block of addresses: wrong codes are counted by the block as well.
_numbers = itertools.count(1, 7)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=150, help="how often each code is tried")
    options = parser.parse_args()
    with stores() as (store, _skeleton, _environment):
        set_up_django()
        codes = [UNKNOWN, *hidden_codes()]
        times: dict[str, list[float]] = {code: [] for code in codes}
        for number in range(options.rounds):
            # Each begins as often as the others.
            for code in codes[number % len(codes) :] + codes[: number % len(codes)]:
                times[code].append(answer_seconds(store, code))
    base = statistics.median(times[UNKNOWN])
    print(f"{'code':<14}{'median ms':>11}{'ratio':>7}")
    for code, found in times.items():
        print(f"{code:<14}{statistics.median(found) * 1000:>11.2f}{statistics.median(found) / base:>7.3f}")


def answer_seconds(store: Shop, code: str) -> float:
    """How long a fresh guest waits for the answer to that code."""
    number = next(_numbers)
    buyer = Buyer(store, number, prefix="answers")
    link = HTTPConnection("127.0.0.1", store.port, timeout=30, source_address=(buyer.source, 0))
    _location, page = buyer._ask(link, "GET", f"/o/{OFFER}", wanted=200)
    form = buyer_fields(page) | {"email": f"guest{number}@example.test", "coupon": code, "apply": "1"}
    begun = time.perf_counter()
    buyer._ask(link, "POST", f"/o/{OFFER}/quote/", form, wanted=200)
    seconds = time.perf_counter() - begun
    link.close()
    return seconds


def hidden_codes() -> list[str]:
    """Codes of the demo school that nobody is to learn about, all as long as the unknown one."""
    from contacts.services.people import recognize_contact
    from coupons.services.coupons import CouponTerms, archive_coupon, create_coupon, pause_coupon
    from schools.models import School
    from schools.tenancy.scope import school_scope

    def made(code: str, **terms: object) -> object:
        return create_coupon(terms=CouponTerms(code=code, percent_bp=1_000, **terms), actor=None)  # type: ignore[arg-type]

    school = School.objects.get(slug=SCHOOL)
    with school_scope(school):
        made("CODE-DRAFT00", is_draft=True)
        pause_coupon(coupon=made("CODE-PAUSED0"), actor=None)  # type: ignore[arg-type]
        archive_coupon(coupon=made("CODE-ARCHIVE"), actor=None)  # type: ignore[arg-type]
        friend = recognize_contact(email="benchmark.friend@example.test", name="Friend")
        made("CODE-FRIENDS", audience="contact", contact_id=friend.pk)
    with school_scope(School.objects.exclude(pk=school.pk).earliest("pk")):
        made("CODE-FOREIGN")
    return ["CODE-DRAFT00", "CODE-PAUSED0", "CODE-ARCHIVE", "CODE-FRIENDS", "CODE-FOREIGN"]


if __name__ == "__main__":
    main()
