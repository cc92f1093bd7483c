"""Reads about automations and their runs."""

from automations.selectors.funnel import StepCount, funnel_of
from automations.selectors.rehearsing import Rehearsal, rehearse, sample_run_for
from automations.selectors.runs import runs_of

__all__ = ["Rehearsal", "StepCount", "funnel_of", "rehearse", "runs_of", "sample_run_for"]
