"""The three courses of the sample school, each in the language of its students."""

from dataclasses import dataclass

from courses.models import Course, Lesson, Module
from courses.services.content import CourseTerms, create_course, publish_course, set_cover
from courses.services.outline import LessonTerms, add_lesson, add_module, publish_lesson
from kwiga.demo.covers import draw_cover
from kwiga.demo.rows import MadeRows
from kwiga.demo.texts import LessonText, read_course
from schools.models import User

TOKENS = {"english": "EnglishWork1", "money": "HroshiFreela", "photo": "FotoTelefon1"}


@dataclass(frozen=True)
class MadeCourse:
    """A course with its modules and lessons in order."""

    course: Course
    modules: list[Module]
    lessons: list[Lesson]


def make_courses(rows: MadeRows, actor: User) -> dict[str, MadeCourse]:
    """All three, published, in the open scope's school; by the name of their text."""
    return {name: _make(name, rows, actor) for name in TOKENS}


def _make(name: str, rows: MadeRows, actor: User) -> MadeCourse:
    text = read_course(name)
    terms = CourseTerms(title=text.title, summary=text.summary, description=text.description, category=text.category)
    course = rows.add(create_course(terms=terms, actor=actor, token=TOKENS[name]))
    set_cover(course=course, upload=draw_cover(name), actor=actor)
    made = MadeCourse(course, [], [])
    for title, lessons in text.modules:
        module = add_module(course=course, title=title, actor=actor)
        made.modules.append(module)
        made.lessons.extend(_lesson(module, lesson, actor) for lesson in lessons)
    publish_course(course=course, actor=actor)
    return made


def _lesson(module: Module, text: LessonText, actor: User) -> Lesson:
    terms = LessonTerms(
        title=text.title,
        body=text.body,
        kind=Lesson.Kind.ASSIGNMENT if "assignment" in text.marks else Lesson.Kind.LESSON,
        acceptance=Lesson.Acceptance.STAFF if "staff" in text.marks else Lesson.Acceptance.AT_ONCE,
        is_final="final" in text.marks,
    )
    return publish_lesson(lesson=add_lesson(module=module, terms=terms, actor=actor), actor=actor)
