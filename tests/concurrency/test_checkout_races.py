"""One form of the checkout, sent many times at once by impatient hands."""

from typing import Any

import pytest
from django.test import Client

from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import WHO, address_of, fields_of, orders_of
from tests.support.races import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.prove]

POSTS = 20


@pytest.mark.spec("P5: twenty parallel posts of one form, one order, twenty identical redirects")
def test_twenty_posts_of_one_page_lead_to_one_order(school: Any, visitor: Any) -> None:
    offer = sold_offer(school, seats=5)
    said = fields_of(visitor(school).get(address_of(offer))) | WHO

    def send() -> Any:
        client: Client = visitor(school)
        answer = client.post(address_of(offer), said)
        return answer.status_code, answer.headers.get("Location")

    answers = race(*[send] * POSTS)
    assert {status for status, _location in answers} == {303}, answers
    assert len({location for _status, location in answers}) == 1
    (order,) = orders_of(school)
    assert order.total_minor == 120_000
