"""Paying, on a school's own host: below /pay/."""

from django.urls import path

from orders.views import pay

urlpatterns = [
    path("<str:token>/", pay.pay, name="pay"),
    path("<str:token>/return/", pay.pay_return, name="pay_return"),
    path("<str:token>/done/", pay.pay_done, name="pay_done"),
]
