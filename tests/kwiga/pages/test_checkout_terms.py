"""Terms of sale at the checkout: accepted, kept with the order, or only shown."""

import re

import pytest

from orders.models import OrderAcceptance
from schools.tenancy.scope import school_scope
from tests.kwiga.pages.buyers import (
    WHO,
    address_of,
    boxes_of,
    contacts_of,
    document_of,
    fields_of,
    new_version,
    offer_with_terms,
    orders_of,
    submit,
)


@pytest.mark.spec("K37.1: a required box left empty refuses the form with a message at the box")
def test_terms_must_be_accepted(school, visitor):
    offer = offer_with_terms(school, document_of(school))
    client = visitor(school)
    page = client.get(address_of(offer))
    (box,) = boxes_of(page)
    assert "checked" not in page.text
    refused = submit(client, offer, **{box: None})
    assert refused.status_code == 200 and orders_of(school) == [] and contacts_of(school) == []
    assert "Please accept this to buy." in refused.text
    assert re.search(rf'<input[^>]*name="{box}"[^>]*aria-invalid="true"', refused.text)


@pytest.mark.spec(
    "K37.2: the order shows version, time and address", "K37.3: old orders keep the version they accepted"
)
def test_the_order_keeps_what_was_accepted(school, visitor):
    document = document_of(school)
    offer = offer_with_terms(school, document)
    client = visitor(school)
    old_page = client.get(address_of(offer))
    assert submit(client, offer).status_code == 303
    new_version(document, en="<p>Other terms.</p>")
    with school_scope(school):
        kept = OrderAcceptance.objects.select_related("version").get()
    assert kept.version.number == 1 and kept.accepted_at and kept.client_address == "127.0.0.1"
    said = fields_of(old_page) | WHO | dict.fromkeys(boxes_of(old_page), "on")
    late = client.post(address_of(offer), said)
    assert late.status_code == 200 and "Please accept this to buy." in late.text
    assert submit(client, offer).status_code == 303
    with school_scope(school):
        numbers = OrderAcceptance.objects.order_by("id").values_list("version__number", flat=True)
        assert list(numbers) == [1, 2]


def test_terms_that_are_only_shown_have_no_box(school, visitor):
    offer = offer_with_terms(school, document_of(school, "Privacy"), is_required=False)
    page = visitor(school).get(address_of(offer))
    assert boxes_of(page) == [] and "Privacy" in page.text
    assert submit(visitor(school), offer).status_code == 303
