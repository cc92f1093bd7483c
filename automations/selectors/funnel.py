"""How far runs came."""

from dataclasses import dataclass

from django.db.models import Count

from automations.models import Automation, RunStep, Step


@dataclass(frozen=True)
class StepCount:
    """How many runs of the live version came to a step, and what became of it there."""

    step: Step
    waiting: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def reached(self) -> int:
        """Runs that came to the step."""
        return self.waiting + self.done + self.skipped + self.failed


def funnel_of(automation: Automation) -> list[StepCount]:
    """The steps of the live version in their order, with the counts of its runs; none when nothing is live."""
    steps = Step.objects.filter(version__automation=automation, version__is_live=True).order_by("position")
    rows = RunStep.objects.filter(run__automation=automation, run__version__is_live=True).order_by()
    counted: dict[int, dict[str, int]] = {}
    for row in rows.values("position", "state").annotate(number=Count("pk")):
        counted.setdefault(row["position"], {})[row["state"]] = row["number"]
    return [StepCount(step, **counted.get(step.position, {})) for step in steps]
