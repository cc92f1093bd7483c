"""`bin/prove`: the tests marked `prove`, with many seeds each, and one table of counts at the end."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from kwiga.local.paths import DATA
from kwiga.local.testing import prepare_tests, run_pytest
from kwiga.local.throwaway import throwaway_services

SEEDS = "20"


@dataclass(frozen=True)
class Count:
    """How often one test ran, and how it went."""

    name: str
    passed: int
    failed: int


def main(arguments: list[str]) -> int:
    """Runs them one after another, so that a race has the machine for itself; returns pytest's status."""
    report = DATA / "prove.xml"
    with throwaway_services() as environment:
        prepare_tests(environment)
        environment.setdefault("PROVE_SEEDS", SEEDS)
        report.unlink(missing_ok=True)
        fixed = ["-m", "prove", "--timeout", "900", f"--junitxml={report}"]
        status = run_pytest([*fixed, *arguments], environment)
    print(table(read_counts(report)) if report.exists() else "Nothing was run.")
    return status


def read_counts(report: Path) -> list[Count]:
    """One count a test, its parameters taken together, from a report in JUnit's form."""
    passed: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
        name = f"{case.get('classname', '').removeprefix('tests.')}::{case.get('name', '').partition('[')[0]}"
        went_wrong = any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
        (failed if went_wrong else passed)[name] += 1
    return [Count(name, passed[name], failed[name]) for name in sorted({*passed, *failed})]


def table(counts: list[Count]) -> str:
    """The counts in columns, with their sum."""
    rows = [*counts, Count("all", sum(row.passed for row in counts), sum(row.failed for row in counts))]
    width = max(len(row.name) for row in rows)
    head = f"{'name':<{width}}  {'runs':>6}  {'passed':>6}  {'failed':>6}"
    return "\n".join(["", head, "-" * len(head), *(_line(row, width) for row in rows)])


def _line(row: Count, width: int) -> str:
    return f"{row.name:<{width}}  {row.passed + row.failed:>6}  {row.passed:>6}  {row.failed:>6}"
