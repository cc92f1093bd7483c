"""docs/article-on-coupons.md names a test for every sentence, and each of them quotes the article."""

import ast
import re
from collections import defaultdict

from kwiga.local.paths import ROOT

LINE = re.compile(r"^\| (?P<sentence>.+?) \| (?P<ids>.+?) \| `(?P<test>\w+)` \|$")
TABLE = (ROOT / "docs/article-on-coupons.md").read_text().partition("|---|---|---|\n")[2]
ROWS = [LINE.match(line) for line in TABLE.splitlines()]


def quoting() -> dict[str, list[str]]:
    """The words of the spec marks on each test there is, by its name."""
    words: defaultdict[str, list[str]] = defaultdict(list)
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            for call in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.spec":
                    words[node.name] += [each.value for each in call.args if isinstance(each, ast.Constant)]
    return words


def test_every_sentence_has_a_test_that_quotes_the_article() -> None:
    assert len(ROWS) > 55 and all(ROWS)
    words = quoting()
    named = [row["test"] for row in ROWS if row]
    assert [name for name in named if not any(each.startswith("SEED-K: ") for each in words[name])] == []


def test_every_id_of_the_table_is_a_promise() -> None:
    known = set(re.findall(r"^- `([^`]+)` - ", (ROOT / "docs/spec.md").read_text(), re.MULTILINE))
    named = {each for row in ROWS if row for each in row["ids"].split(", ")}
    assert named <= known, named - known
