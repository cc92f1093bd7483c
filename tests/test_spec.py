"""docs/spec.md and the marks of the tests say the same."""

from pathlib import Path

from tests.support.spec import DOCUMENT, ROOT, disagreements, marked_ids, missing, promises

SAMPLE = """
# Sample
- `A1` - The first.
- `A2` - The second.
## Coming
- `A3` - The third. Needs: orders.
"""


def test_the_document_and_the_marks_agree() -> None:
    assert disagreements(DOCUMENT.read_text(), marked_ids(ROOT / "tests")) == []


def test_the_document_names_promises() -> None:
    assert len(promises(DOCUMENT.read_text())) >= 10


def test_each_way_to_disagree_is_noticed() -> None:
    marked = {"A1": ["tests/test_a.py"], "A3": ["tests/test_c.py"], "A9": ["tests/test_z.py"]}
    assert disagreements(SAMPLE, marked) == [
        "A9: marked in tests/test_z.py, not in docs/spec.md",
        "A2: called proved, without a test",
        "A3: called coming, with a test in tests/test_c.py",
    ]
    assert disagreements(SAMPLE + "- `A1` - Again.", {"A1": [""], "A2": [""]})[-1] == "A1: named twice"


def test_what_no_test_carries_is_listed() -> None:
    assert missing(SAMPLE, {"A1": ["tests/test_a.py"]}) == ["A2 - The second.", "A3 - The third. Needs: orders."]


def test_marks_are_found_on_functions_classes_and_modules(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_a.py").write_text(
        "import pytest\npytestmark = [pytest.mark.spec('M1')]\n"
        "@pytest.mark.spec('F1: in words', 'F2')\ndef test(): ...\n"
        "@pytest.mark.parametrize('x', [1])\nclass TestIt:\n    @pytest.mark.spec('C1')\n    def test(self): ...\n"
    )
    (folder / "helpers.py").write_text("import pytest\nx = pytest.mark.spec('H1')\n")
    assert marked_ids(folder) == {name: ["tests/test_a.py"] for name in ("M1", "F1", "F2", "C1")}
