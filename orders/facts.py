"""What a mail about an order says, read from the order as it was agreed."""

from django.utils import timezone, translation

from contacts.links import claim_url
from kwiga.money import format_money
from kwiga.templatetags.instants import short_date
from offers.mails import OrderFacts
from orders.links import pay_url
from orders.models import Order, OrderLineItem
from schools.models import School


def facts_of(school: School, order: Order) -> OrderFacts:
    """Facts and links for the buyer, in the order's language and the school's zone."""
    titles = [line.title for line in order.lines.order_by("position")]
    with translation.override(order.language), timezone.override(school.time_zone):
        return OrderFacts(
            contact_name=order.buyer_name or order.contact.name,
            contact_email=order.buyer_email,
            contact_phone=order.buyer_phone,
            number=order.number,
            total=format_money(order.total_minor, order.currency),
            discount=discount_text(order),
            date=short_date(order.created_at),
            title=", ".join(dict.fromkeys(titles)),
            courses=course_titles(order),
            access_link=claim_url(school, order.contact),
            pay_link=pay_url(school, order),
            receipt_link=claim_url(school, order.contact, f"/me/orders/{order.number}/"),
        )


def discount_text(order: Order) -> str:
    """What codes took off, each with its code: "−UAH 120 (SPRING)"; empty for an order without."""
    if not order.discount_minor:
        return ""
    given = order.discounts.order_by("position", "id")
    return ", ".join(f"−{format_money(each.amount_minor, order.currency)} ({each.code})" for each in given)


def course_titles(order: Order) -> list[str]:
    """The titles of the courses the order opens, each once."""
    items = OrderLineItem.objects.filter(line__order=order).select_related("course").order_by("line__position", "id")
    return list(dict.fromkeys(item.course.title for item in items))
