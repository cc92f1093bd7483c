from orders.models.discounts import OrderDiscount, OrderLineDiscount
from orders.models.lines import OrderAccess, OrderLine, OrderLineItem
from orders.models.orders import Order, OrderAcceptance, OrderComment
from orders.models.payments import InboxEvent, Payment, PaymentConnection, Refund

__all__ = [
    "InboxEvent",
    "Order",
    "OrderAcceptance",
    "OrderAccess",
    "OrderComment",
    "OrderDiscount",
    "OrderLine",
    "OrderLineDiscount",
    "OrderLineItem",
    "Payment",
    "PaymentConnection",
    "Refund",
]
