"""Orders and transactions in the dashboard: below /<school>/."""

from django.urls import path

from orders.views import exports, orders, transactions

app_name = "orders"
urlpatterns = [
    path("orders/", orders.order_list, name="list"),
    path("orders/export/", exports.order_export, name="export"),
    path("orders/<str:number>/", orders.order_detail, name="detail"),
    path("transactions/", transactions.transaction_list, name="transactions"),
    path("transactions/export/", exports.transaction_export, name="transactions_export"),
]
