from courses.models.access import Access, AccessPart
from courses.models.content import Attachment, Course, Lesson, Module
from courses.models.progress import CourseProgress, LessonCompletion, Submission
from courses.models.windows import AccessWindow

__all__ = [
    "Access",
    "AccessPart",
    "AccessWindow",
    "Attachment",
    "Course",
    "CourseProgress",
    "Lesson",
    "LessonCompletion",
    "Module",
    "Submission",
]
