import pytest

from kwiga.local.template_lint import lint_folder, lint_template

FAULTS = {
    "<p>Hello there</p>": "text outside",
    "<p>{{ name }} bought it</p>": "text outside",
    "<c-button>Save</c-button>": "text outside",
    '<c-button label="Save" />': "text in an attribute",
    '<input placeholder="Your name">': "text in an attribute",
    '<p title="{{ name }} and others"></p>': "text in an attribute",
    "<c-button :label=\"_('Save')\" />": "is not extracted",
    '<p style="color: red"></p>': "inline style",
    "<style>p {}</style>": "inline style",
    "<script>go()</script>": "inline script",
    '<a href="/" onclick="go()"></a>': "inline on… handler",
    '<a href="/" {% if x %}onclick="go()"{% endif %}></a>': "inline on… handler",
    '<a href="/" hx-on:click="go()"></a>': "hx-on",
    "<a href='/' hx-get='/' hx-vals='js:{a: 1}'></a>": "sent without its values",
    '<a href="/" hx-get="/" hx-trigger="click[ctrlKey]"></a>': "fires always",
    '<div hx-get="/"></div>': "only for JavaScript",
    "<form hx-post='/'></form>": "only for JavaScript",
    '<form action="/"></form><div hx-get="/"></div>': "only for JavaScript",
    "{% blocktranslate %}One\ntwo{% endblocktranslate %}": "without trimmed",
}
FINE = [
    "<p>{% translate 'Hello there' %}</p>",
    "<p>{% blocktranslate trimmed count n=n %}\n one\n{% plural %}\n many\n{% endblocktranslate %}</p>",
    "<p>{{ name }} · 12 (3) — 50 % × </p>",
    "<title>{{ name }} · Kwiga</title>",
    "<code>SPRING</code>",
    '<c-button label="{% translate \'Save\' %}" :person="request.user" variant="primary" />',
    '<p {% if x %}aria-current="true"{% endif %} class="one two"></p>',
    '{# A note #}{% comment "why" %}Another note{% endcomment %}',
    "{% block body_class %}dashboard{% endblock %}",
    '<a href="/" hx-get="/" hx-trigger="change delay:400ms"></a>',
    '<form action="/"><div hx-get="/"></div><button formaction="/x" hx-post="/x"></button></form>',
    '<script src="/static/x.js" defer></script><script type="application/json">{"a": 1}</script>',
]


@pytest.mark.parametrize("source", FAULTS)
def test_a_fault_is_found_once(source):
    rules = [fault.rule for fault in lint_template(source, "page.html")]
    assert len(rules) == 1
    assert FAULTS[source] in rules[0]


@pytest.mark.parametrize("source", FINE)
def test_what_is_fine_passes(source):
    assert lint_template(source, "page.html") == []


def test_a_fault_names_its_line():
    source = "{% comment %}\n\n{% endcomment %}\n<p>\n  {{ name }}\n  Hello\n</p>"
    assert str(lint_template(source, "page.html")[0]).startswith("page.html:6: text outside")


def test_mails_in_plain_text_are_read_too():
    source = "{% blocktranslate %}Hello,\n\nfriend{% endblocktranslate %}\n{{ link }}\nRegards\n"
    assert [fault.line for fault in lint_template(source, "mail.txt")] == [5]


def test_the_style_guide_may_show_sample_words_and_nothing_else_more():
    assert lint_template("<p>Sample</p>", "templates/ui/samples/card.html") == []
    assert len(lint_template('<p style="x">Sample</p>', "templates/ui/samples/card.html")) == 1


def test_every_template_below_a_folder_is_read(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.html").write_text("<p>Hello</p>")
    (tmp_path / "mail.txt").write_text("Hello")
    (tmp_path / "notes.md").write_text("Hello")
    assert [fault.path.rpartition("/")[2] for fault in lint_folder(tmp_path)] == ["page.html", "mail.txt"]
