import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract

from kwiga.local import messages
from kwiga.local.messages import _KEYWORDS, extract_messages, find_faults, main


@pytest.fixture
def languages(tmp_path, monkeypatch):
    """Catalogues of two messages in a folder of their own."""
    template = Catalog(charset="utf-8", fuzzy=False)
    template.add("Save", locations=[("offers/forms.py", 0)])
    template.add(("%(n)d seat", "%(n)d seats"), locations=[("offers/forms.py", 0)], flags=["python-format"])
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    monkeypatch.setattr(messages, "extract_messages", lambda: template)
    return {code: tmp_path / code / "LC_MESSAGES" / "django.po" for code in messages.LANGUAGES}


def translate(path, save="Зберегти", seats=("%(n)d місце", "%(n)d місця", "%(n)d місць")):
    text = path.read_text().replace('msgid "Save"\nmsgstr ""', f'msgid "Save"\nmsgstr "{save}"')
    for number, form in enumerate(seats):
        text = text.replace(f'msgstr[{number}] ""', f'msgstr[{number}] "{form}"')
    path.write_text(text)


def test_templates_are_read_like_python():
    source = b"""<c-field label="{% translate 'Name' %}" />
      {% blocktranslate trimmed count n=n %}
        {{ n }} seat
      {% plural %}
        {{ n }} seats
      {% endblocktranslate %}
      {# Translators: a month #}
      {% translate "May" context "month" %}"""
    found = extract("kwiga.extraction:extract_template", io.BytesIO(source), _KEYWORDS, ("Translators:",))
    assert [(text, comments, context) for _line, text, comments, context in found] == [
        ("Name", [], None),
        (("%(n)s seat", "%(n)s seats"), [], None),
        ("May", ["Translators: a month"], "month"),
    ]


def test_sentences_of_python_templates_and_mails_are_found():
    places = {location for message in extract_messages() for location, _line in message.locations}
    assert {place.partition("/")[0] for place in places} >= {"kwiga", "offers", "schools", "templates"}
    assert any(place.endswith(".txt") for place in places)
    assert not [place for place in places if place.startswith(("tests", "kwiga/local"))]


def test_an_update_is_written_once(languages):
    main([])
    first = {path: path.read_bytes() for path in languages.values()}
    main([])
    assert {path: path.read_bytes() for path in languages.values()} == first


def test_complete_catalogues_have_no_faults(languages):
    main([])
    for path in languages.values():
        translate(path)
    main([])
    assert find_faults() == []


def test_what_is_not_translated_is_named(languages):
    main([])
    assert find_faults() == [
        "uk: 'Save' is not translated",
        "uk: '%(n)d seat' is not translated",
        "pl: 'Save' is not translated",
        "pl: '%(n)d seat' is not translated",
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda text: text.replace('msgid "Save"', '#, fuzzy\nmsgid "Save"'), "'Save' is marked fuzzy"),
        (lambda text: text.replace('"%(n)d місця"', '"місця"'), "'%(n)d seat' lost or gained a placeholder"),
        (lambda text: text.replace('"%(n)d місця"', '""'), "'%(n)d seat' is not translated"),
        (lambda text: text + '\nmsgid "Gone"\nmsgstr "Нема"\n', "not what the sources say"),
    ],
)
def test_each_fault_is_found(languages, change, fault):
    main([])
    for path in languages.values():
        translate(path)
    main([])

    languages["uk"].write_text(change(languages["uk"].read_text()))

    assert any(line.startswith("uk: ") and fault in line for line in find_faults())
