"""Orders and transactions in the dashboard: below /<school>/."""

from django.urls import path

from orders.views import actions, bulk, exports, manual, orders, transactions

app_name = "orders"
urlpatterns = [
    path("orders/", orders.order_list, name="list"),
    path("orders/new/", manual.order_new, name="new"),
    path("orders/cancellations/", bulk.cancel_many, name="cancel_many"),
    path("orders/export/", exports.order_export, name="export"),
    path("orders/<str:number>/", orders.order_detail, name="detail"),
    path("orders/<str:number>/payment/", actions.mark_paid, name="mark_paid"),
    path("orders/<str:number>/cancellation/", actions.cancel, name="cancel"),
    path("orders/<str:number>/contact/", actions.move, name="move"),
    path("orders/<str:number>/link/", actions.renew_link, name="renew_link"),
    path("orders/<str:number>/link/mail/", actions.send_link, name="send_link"),
    path("orders/<str:number>/comments/", actions.comment, name="comment"),
    path("orders/<str:number>/payments/<str:token>/refund/", actions.refund, name="refund"),
    path("orders/<str:number>/payments/<str:token>/acceptance/", actions.review_acceptance, name="review_acceptance"),
    path("orders/<str:number>/payments/<str:token>/return/", actions.review_refund, name="review_refund"),
    path("orders/<str:number>/accesses/<int:access>/", actions.access_end, name="access_end"),
    path("orders/<str:number>/accesses/<int:access>/revocation/", actions.access_revocation, name="access_revocation"),
    path("transactions/", transactions.transaction_list, name="transactions"),
    path("transactions/export/", exports.transaction_export, name="transactions_export"),
]
