"""Every word of a school and of its people is hostile: pages show it as words, and nothing runs or breaks (D1, D2, D3).

The words are put past the services, as if no rule had been there when they were saved.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.urls import reverse

from contacts.holdings import Whose, classified
from contacts.models import ContactImport, ContactImportLine
from coupons.models import CouponImportLine
from kwiga.richtext import clean
from schools.models import School
from schools.tenancy.models import TenantModel
from schools.tenancy.scope import school_scope
from tests.factories.contacts import student_browser
from tests.tenancy import url_matrix
from tests.tenancy.url_matrix import Staff
from tests.tenancy.world import World, world_of

pytestmark = pytest.mark.usefixtures("kept_mail")

# What begins it is short, since some columns are.
HOSTILE = "<script>hacked(1)</script>{{7919*7907}}%(x)s%s{0.__class__}\"'{% now 'Y' %}<img src=x onerror=hacked(1)>"
BREAKING = "\r\nX-Evil: 1\u2028\u202e"
# Keys, addresses and choices are made of other signs: they are judged where they are typed.
KEYS = {"name_key", "code", "code_key", "url", "video_url", "chat_id"}
# Cleaned on save and on render (tests/kwiga/test_richtext.py).
MARKUP = {"description", "body", "store_text"}
NEVER = ("<script>hacked", "<img src=x", "62615533", "<class 'str'>", settings.SECRET_KEY)


def free_words(model: type[models.Model]) -> Iterator[str]:
    """The columns of a table that hold words as the school or a person wrote them."""
    for name, whose in classified()[model._meta.label_lower].items():
        field = model._meta.get_field(name)
        if whose not in (Whose.PERSON, Whose.SCHOOL) or name in KEYS or isinstance(field, models.EmailField):
            continue
        if isinstance(field, models.CharField | models.TextField) and not field.choices:
            yield name


def spoil(school: School, words: Sequence[str] = (HOSTILE + BREAKING,)) -> set[str]:
    """Write hostile words into all of them, in turn, as much as fits; which columns took them."""
    spoiled, turn = set(), cycle(words)
    with school_scope(school):
        for model in apps.get_models():
            if model is not School and not (issubclass(model, TenantModel) and not hasattr(model, "pgh_tracked_model")):
                continue
            rows = model._default_manager.filter(**{"pk" if model is School else "school_id": school.pk})
            for name in free_words(model):
                # What is frozen by a trigger was written by the services, from words that are spoiled here.
                with suppress(DatabaseError), transaction.atomic():
                    rows.update(**{name: _fitting(model, name, next(turn))})
                    spoiled.add(f"{model._meta.label}.{name}")
    return spoiled


def _fitting(model: type[models.Model], name: str, words: str) -> str:
    longest = getattr(model._meta.get_field(name), "max_length", None) or 500
    return clean(words) if name in MARKUP else words[:longest]


def looked_at(client: Client, pages: Mapping[str, str]) -> tuple[int, dict[str, list[Any]]]:
    """How many pages show a hostile word as words, and for each page what should not be there."""
    client.raise_request_exception = False
    showing, bad = 0, {}
    for name, path in pages.items():
        response = client.get(path)
        said = (response.getvalue() if response.streaming else response.content).decode(errors="replace")
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        showing += is_page and "&lt;script&gt;hacked" in said
        signs = [sign for sign in NEVER if is_page and sign in said]
        signs += [header for header, text in response.headers.items() if header == "X-Evil" or "\n" in text]
        if signs or response.status_code >= 500:
            bad[name] = [response.status_code, *signs]
    return showing, bad


@pytest.fixture
def here(school) -> World:
    """A school with one of everything, each of them hostile."""
    world = world_of(school)
    assert len(spoil(school)) > 50
    return world


@pytest.mark.spec("D1: hostile names on every page of the dashboard are words")
@pytest.mark.spec("D2: and none of them is evaluated")
def test_pages_of_the_team_show_words(here, owner, staff):
    rows = {name: row for name, row in url_matrix.ROOT.items() if isinstance(row, Staff)}
    pages = {name: reverse(name, args=[here.school.slug, *row.args(here)]) for name, row in rows.items()}
    showing, bad = looked_at(staff(owner), pages)
    assert bad == {}
    assert showing > 30


@pytest.mark.spec("D1: hostile names on every page of a school's site are words")
def test_pages_of_the_site_show_words(here):
    site = settings.SITE_URLCONF
    pages = {name: reverse(name, urlconf=site, args=row.args(here)) for name, row in url_matrix.SITE.items()}
    showing, bad = looked_at(student_browser(here.contact), pages)
    assert bad == {}
    assert showing > 8


# --- Files ---

FILES = [name for name in url_matrix.ROOT if name.endswith(("export", "import_errors"))]
FORMULAS = ("=1", "+1", "-1", "@A", "\t=1", "\r=1", ' "=1', "\u00a0=1", "\ufeff=1", "\uff1d1", "'=1", "\u200b+1")
CALCULATED = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


@pytest.mark.spec("D4: no cell of any file of the product is a formula")
def test_no_cell_of_any_file_is_a_formula(school, owner, staff):
    world, client = world_of(school), staff(owner)
    spoil(school, FORMULAS)
    said = dict(zip("abcdefghijkl", FORMULAS, strict=True))
    with school_scope(school):
        for lines in (ContactImportLine, CouponImportLine):
            lines.objects.update(state="refused", cells=said, error="=1")
        ContactImport.objects.update(options={"columns": [*said]})
    written: set[str] = set()
    rows: Any = url_matrix.ROOT
    for name in FILES:
        response = client.get(reverse(name, args=[school.slug, *rows[name].args(world)]))
        text = (response.getvalue() if response.streaming else response.content).decode("utf-8-sig")
        cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
        assert response.headers["Content-Type"].startswith("text/csv"), name
        assert [cell for cell in cells if cell.lstrip(' "\u00a0\ufeff\u200b')[:1] in tuple(CALCULATED)] == [], name
        assert [cell for cell in cells if cell.startswith("'")] != [], name
        written |= set(cells)
    assert {f"'{formula}" for formula in FORMULAS} <= written


def test_every_file_comes_from_one_of_these_pages():
    """Whoever says it writes a CSV file is one of the modules whose files are looked at above."""
    root = Path(__file__).parents[2]
    folders = ["kwiga", "schools", "contacts", "courses", "offers", "coupons", "orders", "automations"]
    modules = [path for folder in folders for path in (root / folder).rglob("*.py")]
    writing = {str(path.relative_to(root)) for path in modules if 'content_type="text/csv' in path.read_text()}
    assert writing == {f"{app}/views/exports.py" for app in ("contacts", "coupons", "orders")} | {"schools/imports.py"}
    assert len(FILES) == 6
