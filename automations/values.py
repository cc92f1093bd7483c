"""What the words of a run say to the team and to other systems: in the school's language and zone."""

from django.utils import timezone, translation

from automations.models import Run
from automations.placeholders import values_of
from schools.models import School


def values_for_school(run: Run) -> dict[str, str]:
    """Each word with its value."""
    school = School.objects.get(pk=run.school_id)
    with translation.override(school.language), timezone.override(school.time_zone):
        return dict(values_of(run))
