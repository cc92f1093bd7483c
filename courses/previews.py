"""Links that show a course as students see it, drafts included, for one hour: staff carry no session to a site (T6)."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from courses.models import Course
from kwiga.errors import Gone
from schools.tenancy.scope import current_school_id

HOUR = 3_600
_SALT = "courses.preview"


def preview_path(course: Course) -> str:
    """The path of the preview on the school's host."""
    key = signing.dumps([course.school_id, course.pk], salt=_SALT)
    return reverse("learn_preview", urlconf=settings.SITE_URLCONF, args=[key])


def previewed_course(key: str) -> Course | None:
    """The course that a preview link of the open scope's school opens; None for a link that never was one.

    Raises Gone for a link of more than an hour ago.
    """
    try:
        school_id, course_id = signing.loads(key, salt=_SALT, max_age=HOUR)
    except signing.SignatureExpired as error:
        raise Gone from error
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return Course.objects.filter(pk=course_id).first() if school_id == current_school_id() else None
