"""Formatted text: what is left of it, and what never is (trust D1)."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from kwiga.richtext import HTMX_FENCE, RichTextField, clean, plain_text, shown
from tests.support.hostile import HOSTILE

TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "strong", "b", "em", "i", "s", "u", "code", "pre", "blockquote", "ul", "ol",
    "li", "a",
}  # fmt: skip
ATTRIBUTES = {("a", "href"), ("a", "rel"), ("a", "title"), ("ol", "start")}


class Reader(HTMLParser):
    """Collects every element and attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def check_harmless(text: str) -> None:
    found = Reader(text)
    assert found.tags <= TAGS
    assert {(tag, name) for tag, name, _value in found.attributes} <= ATTRIBUTES
    for _tag, name, value in found.attributes:
        scheme = re.match(r"\s*([a-z][\w+.-]*):", value, re.IGNORECASE)
        assert name != "href" or not scheme or scheme[1].lower() in {"http", "https", "mailto", "tel"}


@pytest.mark.spec("D1: nothing that runs, loads or asks is left of what a school writes")
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_is_left(text):
    check_harmless(clean(text))
    assert clean(clean(text)) == clean(text), "what is cleaned twice must not change, or a second parse finds more"


@given(
    st.lists(st.sampled_from([*HOSTILE, "<p>", "</p>", "<ul><li>", "'", '"', "<", ">", "&lt;", "<a href="]), max_size=5)
)
def test_nothing_hostile_is_left_of_any_mixture(pieces):
    check_harmless(clean("".join(pieces)))


@given(st.text(max_size=200))
def test_any_text_can_be_cleaned_and_its_words_taken(text):
    check_harmless(clean(text))
    plain_text(text)


def test_what_the_editor_writes_stays():
    text = (
        "<h2>Title</h2><p>One <strong>two</strong> <em>three</em> <u>four</u> <s>five</s><br>six</p>"
        '<ul><li><p>a</p></li></ul><ol start="3"><li><p>b</p></li></ol><blockquote><p>q</p></blockquote>'
        "<pre><code>x &lt; y</code></pre><hr>"
    )
    assert clean(text) == text


def test_links_keep_their_address_and_give_nothing_away():
    assert clean('<a href="https://a.test/?x=1&amp;y=2" target="_blank">a</a>') == (
        '<a href="https://a.test/?x=1&amp;y=2" rel="noopener noreferrer">a</a>'
    )
    assert 'href="mailto:a@b.test"' in clean('<a href="mailto:a@b.test">a</a>')


@pytest.mark.parametrize("text", ["", "<p></p>", "<p> </p><p></p>", "<h2></h2>", "<script>x</script>", "<p><br></p>"])
def test_what_says_nothing_is_empty(text):
    assert clean(text) == "" and shown(text) == ""


@pytest.mark.spec("D1")
def test_shown_text_is_cleaned_again_and_lies_behind_the_fence():
    saved_before_the_rules_were_stricter = "<p onclick=hacked(1)>Text</p><script>hacked(1)</script>"
    assert shown(saved_before_the_rules_were_stricter) == '<div class="prose" hx-disable><p>Text</p></div>'
    template = engines["django"].from_string("{% load richtext %}{{ text|rich }}|{{ text|plain }}|{{ none|rich }}")
    page = template.render({"text": "<p>a &amp; b</p><img src=x onerror=y>", "none": None})
    assert page == '<div class="prose" hx-disable><p>a &amp; b</p></div>|a &amp; b|'


@pytest.mark.spec("D1: the fence is the one that the shipped htmx knows")
def test_the_fence_fits_the_major_version_of_htmx_that_is_shipped():
    """htmx 4 calls this fence hx-ignore, and hx-disable means something else there."""
    base = (Path(__file__).parents[2] / "templates/layouts/base.html").read_text()
    scripts = re.findall(r"django_htmx/[\w.-]*htmx[\w.-]*\.js", base)
    assert scripts == ["django_htmx/htmx-2.min.js"]
    source = Path(str(finders.find(scripts[0]))).read_text()
    version = re.search(r'version:"(\d+)\.', source)
    assert version and version[1] == "2" and HTMX_FENCE == "hx-disable"
    assert f"[{HTMX_FENCE}]" in source


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>One</p><p>Two &amp; three</p>", "One\nTwo & three"),
        ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "a\nb"),
        ("a<br>b", "a\nb"),
        ("<script>hacked(1)</script><p>&lt;b&gt;</p>", "<b>"),
        ("", ""),
    ],
)
def test_the_words_alone(text, words):
    assert plain_text(text) == words


# --- The field ---


class Sample(forms.Form):
    text = RichTextField(label="Text", max_length=500, required=False)


def value_of(typed: str) -> str:
    form = Sample({"text": typed})
    assert form.is_valid(), form.errors
    return form.cleaned_data["text"]


def test_the_field_gives_cleaned_text():
    assert value_of("<p onclick=x>Hi</p><script>hacked(1)</script>") == "<p>Hi</p>"


def test_without_the_editor_empty_lines_make_paragraphs():
    assert value_of("One & two\n\nThree") == "<p>One &amp; two</p>\n\n<p>Three</p>"
    assert value_of("") == value_of("  ") == ""


def test_the_editor_is_given_cleaned_text():
    for form in (Sample(initial={"text": HOSTILE[2]}), Sample({"text": "<p onclick=x>a</p>" * 100})):
        assert "onclick" not in str(form["text"]) and "onerror" not in str(form["text"])
    assert "One &amp; two" in str(Sample(initial={"text": "One & two"})["text"])


def test_what_is_too_long_is_refused():
    assert not Sample({"text": "x" * 501}).is_valid()
    required = RichTextField()
    with pytest.raises(forms.ValidationError):
        required.clean("")


def test_text_that_cleans_to_nothing_is_as_good_as_none():
    with pytest.raises(forms.ValidationError):
        RichTextField().clean("<p></p>")
    assert value_of("<p></p>") == ""


def test_the_field_is_a_text_area_that_brings_the_editor_along():
    form = Sample(initial={"text": "<p>a</p>"})
    assert "<textarea" in str(form["text"]) and "&lt;p&gt;a&lt;/p&gt;" in str(form["text"])
    media = str(form.media)
    assert media.index("importmap") < media.index("js/richtext.js") < media.index('configurable.js" type="module"')
    words = json.loads(form.fields["text"].widget.get_context("text", "", {})["widget"]["attrs"]["data-words"])
    assert words["bold"] == "Bold"
