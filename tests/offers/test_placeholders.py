"""The words in double braces: a fixed list, one pass, nothing ever evaluated."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from offers.placeholders import NAMES, names_in, render, render_html, render_text, render_url, unknown_names

VALUES = {
    "contact.name": "Olena & <b>Ivan</b>",
    "contact.email": "olena+1@example.test",
    "order.number": "K7M2P9QX",
    "access_link": "https://green.test/sign-in/?next=/me/&x=1",
}
PLAIN_VALUE = st.text(st.characters(exclude_characters="{}", exclude_categories=("Cs",)))
PIECES = ["{", "}", " ", "%", "a", ".", "contact.name", "order.number", "__init__", "\n"]
BRACED = st.lists(st.sampled_from(PIECES)).map("".join)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Hello, {{ contact.name }}!", "Hello, Olena & <b>Ivan</b>!"),
        ("{{contact.name}}{{order.number}}", "Olena & <b>Ivan</b>K7M2P9QX"),
        ("{{{{ order.number }}}}", "K7M2P9QX"),
        ("a {{ nobody.knows }} b", "a  b"),
        ("{{ order.total }}", ""),  # known, but not given here
        ("{{ order.number", " order.number"),
        ("order.number }}", "order.number "),
        ("{ order.number }", "{ order.number }"),
        ("{{ order.number }}\n{{ order.number }}", "K7M2P9QX\nK7M2P9QX"),
    ],
)
def test_words_are_replaced_and_mistakes_leave_nothing(text, result):
    assert render(text, VALUES) == result


@pytest.mark.spec("D2")
@pytest.mark.parametrize(
    "text",
    [
        "{u.__init__.__globals__}",
        "{{ u.__init__.__globals__ }}",
        "{contact.__class__}",
        "{% include 'emails/layout.html' %}",
        "{% debug %}",
        "{{ settings.SECRET_KEY }}",
        "{{ {{ settings.SECRET_KEY }} }}",
        "{{ contact.name|safe }}",
        "{{ contact.name.__class__ }}",
        "{0} {} {contact.name!r}",
        "%(contact)s ${contact.name} #{contact.name}",
    ],
)
@pytest.mark.parametrize("renderer", [render, render_text, render_html, render_url])
def test_nothing_is_evaluated(text, renderer):
    values = VALUES | {"contact.name": "{{ order.number }}"}
    result = renderer(text, values)
    assert settings.SECRET_KEY not in result
    assert "K7M2P9QX" not in result
    assert "<class" not in result and "built-in" not in result and "function" not in result


@pytest.mark.spec("D2")
def test_what_a_value_says_is_never_read_as_a_word():
    assert render("{{ contact.name }}", {"contact.name": "{{ order.number }}", "order.number": "1"}) == (
        "{{ order.number }}"
    )
    assert "K7M2P9QX" not in render_html("{{ contact.name }}", VALUES | {"contact.name": "{{ order.number }}"})


@given(BRACED, PLAIN_VALUE)
def test_no_doubled_brace_is_left_of_any_text(text, value):
    for renderer in (render, render_text):
        result = renderer(text, dict.fromkeys(NAMES, value))
        assert "{{" not in result and "}}" not in result


@given(st.text(), PLAIN_VALUE)
def test_html_holds_only_our_own_tags(text, value):
    html = render_html(text + " {{ contact.name }} {{ pay_link }}", dict.fromkeys(NAMES, value))
    for tag in re.findall(r"<[^>]*>", html):
        assert re.fullmatch(r'</?p>|<br>|</a>|<a href="[^"<>]*">', tag)


@given(PLAIN_VALUE)
@pytest.mark.spec("P7.1")
def test_any_value_arrives_whole_in_a_link(value):
    url = render_url("https://x.test/?name={{ contact.name }}&after=1", {"contact.name": value})
    assert parse_qs(urlsplit(url).query, keep_blank_values=True) == {"name": [value], "after": ["1"]}


@pytest.mark.spec("P7.2")
def test_a_name_with_markup_is_escaped_in_a_mail():
    assert render_html("Hi {{ contact.name }}", VALUES) == "<p>Hi Olena &amp; &lt;b&gt;Ivan&lt;/b&gt;</p>"
    assert render_text("Hi {{ contact.name }}", VALUES) == "Hi Olena & <b>Ivan</b>"


def test_links_in_a_mail_are_made_to_be_clicked_and_end_before_the_full_stop():
    html = render_html("Go to https://x.test/?n={{ contact.name }}&a=1.\nOr {{ access_link }}!\n\nBye", VALUES)
    encoded = "https://x.test/?n=Olena%20%26%20%3Cb%3EIvan%3C%2Fb%3E&amp;a=1"
    own = "https://green.test/sign-in/?next=/me/&amp;x=1"
    assert html == (f'<p>Go to <a href="{encoded}">{encoded}</a>.<br>\nOr <a href="{own}">{own}</a>!</p>\n<p>Bye</p>')


def test_a_value_of_a_person_never_becomes_a_link():
    html = render_html("{{ contact.name }}", {"contact.name": "https://evil.test/ www.evil.test"})
    assert "<a" not in html


@pytest.mark.spec("K04.4: a word nobody knows is warned of and leaves nothing")
def test_unknown_words_are_named_as_they_were_written():
    text = "{{ contact.name }} {{ contact.nmae }} {{ contact.nmae }} {{}} {{ order.number"
    assert unknown_names(text) == ["contact.nmae", "{{ }}", "{{"]
    assert render(text, VALUES).count("{") == 0


@pytest.mark.spec("P7.3: a word that this place does not know is warned of")
def test_a_word_of_another_place_is_unknown_here():
    assert unknown_names("{{ pay_link }}", {"contact.name": ""}) == ["pay_link"]


def test_names_in_a_text():
    assert names_in("{{ access_link }} {{ nothing }} {{contact.name}}") == {"access_link", "contact.name"}
