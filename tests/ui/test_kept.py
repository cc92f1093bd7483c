"""What makes pages cheap says what Django would say: parts that are drawn once, inputs without a template."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.middleware.csrf import _does_token_match, get_token
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

from kwiga.forms import KwigaFormRenderer
from kwiga.templatetags.kept import KeptNode

PAGE = "{% load i18n kept %}{% keep theme %}{% translate 'Theme' %}<c-language /><c-theme />{% endkeep %}"
BARE = PAGE.replace("{% keep theme %}", "").replace("{% endkeep %}", "")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def _template(text):
    return engines["django"].from_string(CottonCompiler().process(text))


def _drawn(template, address, theme="", language="en"):
    """The text without its tokens, each of which has to be good for the request."""
    request = RequestFactory().get(address, HTTP_HOST="localhost")
    request.COOKIES["theme"] = theme
    get_token(request)
    with translation.override(language):
        text = template.render({}, request)
    tokens = _TOKEN.findall(text)
    assert len(tokens) == 2
    assert all(_does_token_match(token, request.META["CSRF_COOKIE"]) for token in tokens)
    return _TOKEN.sub("", text)


@pytest.mark.parametrize("language", ["en", "uk", "pl"])
@pytest.mark.parametrize("theme", ["", "light", "dark"])
def test_what_is_kept_reads_like_what_is_drawn_anew(language, theme):
    kept, bare = _template(PAGE), _template(BARE)
    for address in ("/o/x?coupon=A&lang=uk", "/o/%22%3E<script>?a='\"", "/"):
        anew = _drawn(bare, address, theme, language)
        assert _drawn(kept, address, theme, language) == _drawn(kept, address, theme, language) == anew


def test_languages_and_themes_are_kept_apart():
    kept = _template(PAGE)
    texts = {_drawn(kept, "/", theme, language) for theme in ("", "dark") for language in ("en", "uk", "pl")}
    assert len(texts) == 6


ROW = """<c-menu id="menu-{{ number }}" label="{{ word }}">{% url 'orders:detail' school number as address %}
  <a href="{{ address }}?q={{ query }}">{% if state == "new" %}{% translate "Open" %}{% endif %}
    {{ word }}</a></c-menu>"""
WORDS = "number=row.number word=row.word query=row.word|urlencode school=row.school"
ROWS = [
    {"number": "A-1", "word": "Plain", "school": "piano"},
    {"number": "B-2", "word": '"><script>alert(1)</script>', "school": "guitar-2"},
    {"number": "3", "word": "{{ number }} 100% & 'more'", "school": "piano"},
]


def _row(template, language, **values):
    with translation.override(language):
        return template.render(values, RequestFactory().get("/", HTTP_HOST="localhost"))


def test_rows_of_one_sort_are_drawn_once_and_say_their_own_words():
    kept = _template("{% load i18n kept %}{% keep state later " + WORDS + " %}" + ROW + "{% endkeep %}")
    bare = _template("{% load i18n %}{% with " + WORDS + " %}" + ROW + "{% endwith %}")
    for language in ("en", "uk"):
        for state in ("new", "old"):
            for row in ROWS:
                values = {"state": state, "row": row}
                assert _row(kept, language, **values) == _row(bare, language, **values)
    (node,) = kept.template.nodelist.get_nodes_by_type(KeptNode)
    assert len(node._kept) == 4


class _Everything(forms.Form):
    name = forms.CharField(initial='"<b>&', max_length=5, widget=forms.TextInput(attrs={"data-x": "<'\">"}))
    email = forms.EmailField(required=False, disabled=True, help_text="Why")
    phone = forms.CharField(widget=forms.TextInput(attrs={"type": "tel"}))
    number = forms.IntegerField(initial=123456789, min_value=0, localize=False)
    url = forms.URLField(initial="https://example.test/?a=b&c=d")
    hidden = forms.CharField(initial=0, widget=forms.HiddenInput)
    plain = forms.CharField(required=False, widget=forms.TextInput(attrs={"autofocus": True, "x": False, "y": None}))


@pytest.mark.parametrize("language", ["en", "uk", "pl"])
@pytest.mark.parametrize("data", [None, {}, {"name": "</input>", "email": "x", "number": "12a", "plain": ""}])
def test_inputs_are_drawn_as_django_draws_them(language, data):
    with translation.override(language):
        ours, djangos = _Everything(data, renderer=KwigaFormRenderer()), _Everything(data, renderer=DjangoTemplates())
        for name in ours.fields:
            assert str(ours[name].as_widget()) == str(djangos[name].as_widget()).strip()
