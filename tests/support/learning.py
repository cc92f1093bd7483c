"""Addresses of lessons, and what learning wrote."""

from schools.tenancy.scope import school_scope


def at(lesson, path="") -> str:
    return f"/learn/{lesson.course.token}/{lesson.token}/{path}"


def count(school, rows) -> int:
    with school_scope(school):
        return rows.objects.count()
