"""Courses: made by the team, learned by students."""

from courses.previews import preview_path
from tests.tenancy.url_matrix.rows import ALL, TEACHERS, Guest, Public, SignedIn, Staff, Student
from tests.tenancy.world import World


def module(world: World) -> list[object]:
    return [world.course.token, world.lesson.module.token]


def lesson(world: World) -> list[object]:
    return [world.course.token, world.lesson.token]


def assignment(world: World) -> list[object]:
    return [world.course.token, world.submission.lesson.token]


def attachment(world: World) -> list[object]:
    return [*lesson(world), world.attachment.pk]


def submission(world: World) -> list[object]:
    return [world.submission.token]


def preview(world: World) -> list[object]:
    return [preview_path(world.course).strip("/").rpartition("/")[2]]


def course(world: World) -> list[object]:
    return [world.course.token]


ROOT: dict[str, Staff | Guest | SignedIn | Public] = {
    "courses:list": Staff(ALL),
    "courses:new": Staff(TEACHERS),
    "courses:video": Staff(TEACHERS),
    "courses:detail": Staff(ALL, course),
    "courses:edit": Staff(TEACHERS, course),
    "courses:publish": Staff(TEACHERS, course),
    "courses:unpublish": Staff(TEACHERS, course),
    "courses:preview": Staff(ALL, course),
    "courses:students": Staff(ALL, course),
    "courses:module_add": Staff(TEACHERS, course),
    "courses:module": Staff(TEACHERS, module),
    "courses:module_place": Staff(TEACHERS, module),
    "courses:module_delete": Staff(TEACHERS, module),
    "courses:lesson_new": Staff(TEACHERS, module),
    "courses:lesson": Staff(TEACHERS, lesson),
    "courses:lesson_publish": Staff(TEACHERS, lesson),
    "courses:lesson_unpublish": Staff(TEACHERS, lesson),
    "courses:lesson_place": Staff(TEACHERS, lesson),
    "courses:lesson_delete": Staff(TEACHERS, lesson),
    "courses:attachment_add": Staff(TEACHERS, lesson),
    "courses:attachment": Staff(ALL, attachment),
    "courses:attachment_remove": Staff(TEACHERS, attachment),
    "courses:submissions": Staff(TEACHERS),
    "courses:submission": Staff(TEACHERS, submission),
    "courses:submission_file": Staff(TEACHERS, submission),
    "courses:submission_accept": Staff(TEACHERS, submission),
    "courses:submission_return": Staff(TEACHERS, submission),
}

SITE: dict[str, Public | Student] = {
    "public_course": Public(course),
    "learn_preview": Public(preview),
    "learn_preview_lesson": Public(lambda world: [*preview(world), world.lesson.token]),
    "learn_preview_file": Public(lambda world: [*preview(world), world.lesson.token, world.attachment.pk]),
    "learn_course": Student(course),
    "learn_lesson": Student(lesson),
    "learn_done": Student(lesson),
    "learn_file": Student(attachment),
    "learn_answer": Student(assignment),
    "learn_answer_file": Student(lambda world: [*assignment(world), world.submission.token]),
    "student_courses": Student(),
}
