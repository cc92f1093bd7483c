"""docs/spec.md names what the product promises, and `@pytest.mark.spec("ID")` the test that proves it.

`pytest --spec-missing` lists the promises without a test.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs" / "spec.md"
_LINE = re.compile(r"^- `(?P<id>[^`]+)` - (?P<sentence>.+)$")
_COMING = "## Coming"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--spec-missing", action="store_true", help="list the promises of docs/spec.md without a test")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Lists instead of testing when that was asked for."""
    if not config.getoption("--spec-missing"):
        return None
    lines = missing(DOCUMENT.read_text(), marked_ids(ROOT / "tests"))
    print("\n".join(lines) or "Every promise of docs/spec.md has a test.")
    return 0


def missing(document: str, marked: dict[str, list[str]]) -> list[str]:
    """The lines of the document whose id no test carries."""
    return [f"{identifier} - {text}" for identifier, text in promises(document).items() if identifier not in marked]


def disagreements(document: str, marked: dict[str, list[str]]) -> list[str]:
    """What is wrong between the document and the marks; nothing when they agree."""
    proved, coming = promises(document.partition(_COMING)[0]), promises(document.partition(_COMING)[2])
    unknown = [f"{name}: marked in {places[0]}, not in docs/spec.md" for name, places in marked.items()]
    return [
        *[line for line in unknown if line.partition(":")[0] not in proved | coming],
        *[f"{name}: called proved, without a test" for name in proved if name not in marked],
        *[f"{name}: called coming, with a test in {marked[name][0]}" for name in coming if name in marked],
        *[f"{name}: named twice" for name in proved.keys() & coming.keys()],
    ]


def promises(document: str) -> dict[str, str]:
    """Id and sentence of each line "- `ID` - sentence"."""
    found = (_LINE.match(line) for line in document.splitlines())
    return {match["id"]: match["sentence"] for match in found if match}


def marked_ids(folder: Path) -> dict[str, list[str]]:
    """Each id that a test below the folder carries, with the files that do. A mark's text may go on after "ID: "."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for text in _marks(ast.parse(path.read_text())):
            places[text.partition(":")[0]].append(str(path.relative_to(folder.parent)))
    return dict(places)


def _marks(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.spec":
            yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))
