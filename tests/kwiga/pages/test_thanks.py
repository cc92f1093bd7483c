"""What a buyer reads after the purchase, and where the school's own page lies."""

import pytest

from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import orders_of, set_on, submit


def thanks(client, offer, **typed) -> str:
    answer = submit(client, offer, **typed)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["Location"]).text


def test_the_page_says_what_happens_next(school, visitor):
    set_on(school, contact_email="help@green.test")
    offer = sold_offer(school, price_minor=0, thank_you_text="See you <b>soon</b>")
    text = thanks(visitor(school), offer)
    assert orders_of(school)[0].number in text and "help@green.test" in text
    assert "See you &lt;b&gt;soon" in text and "/sign-in/?next=/me/" in text
    assert "buyer@example.test" not in text  # whoever has the link is not told the whole address


@pytest.mark.spec("P7.1: a name with & in a redirect arrives whole")
def test_the_schools_own_page_is_shown_with_encoded_values(school, visitor):
    url = "https://school.test/hello?name={{ contact.name }}&order={{ order.number }}&x={{ pay_link }}"
    offer = sold_offer(school, price_minor=0, thank_you_url=url)
    text = thanks(visitor(school), offer, name="Tom & Jerry #1 <b>")
    number = orders_of(school)[0].number
    assert f"https://school.test/hello?name=Tom%20%26%20Jerry%20%231%20%3Cb%3E&amp;order={number}&amp;x=" in text
    assert "leads away from the store, to school.test" in text
    assert "/pay/" not in text.split("hello?name=")[1].split('"')[0]


@pytest.mark.spec("P7: nobody is sent to an address that is no https page")
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://plain.test/", "//evil.test", "https://{{ contact.name }}/"]
)
def test_an_unsafe_page_is_not_linked(school, visitor, url):
    offer = sold_offer(school, price_minor=0)
    set_on(offer, thank_you_url=url)
    text = thanks(visitor(school), offer, name="evil.test")
    assert "leads away" not in text and url not in text and "evil.test" not in text
