"""Where students learn: below /learn/ on a school's own host."""

from django.urls import path

from courses.views import learn, previewing

urlpatterns = [
    path("preview/<str:key>/", previewing.preview_course, name="learn_preview"),
    path("preview/<str:key>/<str:lesson>/", previewing.preview_lesson, name="learn_preview_lesson"),
    path("preview/<str:key>/<str:lesson>/files/<int:attachment>/", previewing.preview_file, name="learn_preview_file"),
    path("<str:course>/", learn.learn_course, name="learn_course"),
    path("<str:course>/<str:lesson>/", learn.learn_lesson, name="learn_lesson"),
    path("<str:course>/<str:lesson>/done/", learn.learn_done, name="learn_done"),
    path("<str:course>/<str:lesson>/answer/", learn.learn_answer, name="learn_answer"),
    path("<str:course>/<str:lesson>/answers/<str:answer>/", learn.learn_answer_file, name="learn_answer_file"),
    path("<str:course>/<str:lesson>/files/<int:attachment>/", learn.learn_file, name="learn_file"),
]
