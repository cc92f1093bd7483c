"""Courses written as plain text (`texts/*.txt`), read into what the services take.

`# Title`, lines "summary:" and "category:", then the description; `## Module`; `### Lesson [assignment final staff]`.
Paragraphs are parted by empty lines; lines that begin with "- " are a list.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True, kw_only=True)
class LessonText:
    """A lesson as it is written; `body` is HTML, `marks` what stood in brackets."""

    title: str
    body: str
    marks: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CourseText:
    """A course as it is written: modules in order, each with its lessons."""

    title: str
    summary: str
    category: str
    description: str
    modules: list[tuple[str, list[LessonText]]] = field(default_factory=list)


def read_course(name: str) -> CourseText:
    """The course of `texts/<name>.txt`."""
    head, *modules = _parts((FOLDER / f"{name}.txt").read_text(), "## ")
    title, *lines = head.removeprefix("# ").splitlines()
    facts = dict(line.split(": ", 1) for line in lines if re.match(r"(summary|category): ", line))
    text = "\n".join(line for line in lines if not re.match(r"(summary|category): ", line))
    return CourseText(title=title, description=html_of(text), **facts, modules=[_module(part) for part in modules])


def html_of(text: str) -> str:
    """Paragraphs and lists as HTML."""
    blocks = [block.strip() for block in text.strip().split("\n\n") if block.strip()]
    return "".join(_list(block) if block.startswith("- ") else f"<p>{_line(block)}</p>" for block in blocks)


def _module(text: str) -> tuple[str, list[LessonText]]:
    title, *lessons = _parts(text, "### ")
    return title.strip(), [_lesson(part) for part in lessons]


def _lesson(text: str) -> LessonText:
    first, _newline, body = text.partition("\n")
    title, _bracket, marks = first.removesuffix("]").partition(" [")
    return LessonText(title=title, body=html_of(body), marks=frozenset(marks.split()))


def _list(block: str) -> str:
    return f"<ul>{''.join(f'<li>{_line(item)}</li>' for item in re.split(r'^- ', block, flags=re.M)[1:])}</ul>"


def _line(text: str) -> str:
    return escape(" ".join(text.split()), quote=False)


def _parts(text: str, mark: str) -> Iterator[str]:
    return (part.strip() for part in re.split(rf"^{mark}", text, flags=re.M))
