"""Courses in the dashboard: below /<school>/courses/."""

from django.urls import URLPattern, URLResolver, include, path

from courses.views import courses, lessons, modules, submissions

app_name = "courses"

_lesson = [
    path("", lessons.lesson_edit, name="lesson"),
    path("publication/", lessons.lesson_publish, name="lesson_publish"),
    path("withdrawal/", lessons.lesson_unpublish, name="lesson_unpublish"),
    path("place/", lessons.lesson_place, name="lesson_place"),
    path("deletion/", lessons.lesson_delete, name="lesson_delete"),
    path("files/", lessons.attachment_add, name="attachment_add"),
    path("files/<int:attachment>/", lessons.attachment_file, name="attachment"),
    path("files/<int:attachment>/removal/", lessons.attachment_remove, name="attachment_remove"),
]
_module = [
    path("", modules.module_edit, name="module"),
    path("place/", modules.module_place, name="module_place"),
    path("deletion/", modules.module_delete, name="module_delete"),
    path("lessons/new/", lessons.lesson_new, name="lesson_new"),
]
_course: list[URLPattern | URLResolver] = [
    path("", courses.course_detail, name="detail"),
    path("edit/", courses.course_edit, name="edit"),
    path("publication/", courses.course_publish, name="publish"),
    path("withdrawal/", courses.course_unpublish, name="unpublish"),
    path("preview/", courses.course_preview, name="preview"),
    path("students/", courses.course_students, name="students"),
    path("modules/", modules.module_add, name="module_add"),
    path("modules/<str:module>/", include(_module)),
    path("lessons/<str:lesson>/", include(_lesson)),
]
urlpatterns = [
    path("", courses.course_list, name="list"),
    path("new/", courses.course_new, name="new"),
    path("video/", lessons.video_preview, name="video"),
    path("assignments/", submissions.submission_list, name="submissions"),
    path("assignments/<str:submission>/", submissions.submission_detail, name="submission"),
    path("assignments/<str:submission>/file/", submissions.submission_file, name="submission_file"),
    path("assignments/<str:submission>/acceptance/", submissions.submission_accept, name="submission_accept"),
    path("assignments/<str:submission>/return/", submissions.submission_return, name="submission_return"),
    path("<str:token>/", include(_course)),
]
