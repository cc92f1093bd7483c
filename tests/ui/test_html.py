"""The fault finder finds what it is for."""

import pytest

from tests.ui.html import faults


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<p class="a" class="b">', "<p> has class twice"),
        ('<p style="color: red">', "<p> has style"),
        ('<a href="#" onclick="go()">', "<a> has onclick"),
        ('<p id="a"></p><p id="a"></p>', "id a stands twice"),
        ('<input aria-describedby="help">', "aria-describedby names help, which is not there"),
        ("<p>{{ price }}</p>", "template language is left in the page"),
    ],
)
def test_faults_are_found(html: str, fault: str) -> None:
    assert faults(html) == [fault]


def test_good_html_has_no_fault() -> None:
    assert faults('<label for="a">A</label><input id="a" class="wide" hx-post="/" aria-describedby="a">') == []
