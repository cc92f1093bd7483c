"""Settings > Payments in the dashboard: below /<school>/settings/payments/."""

from django.urls import path

from orders.views import connections

app_name = "payments"
urlpatterns = [
    path("", connections.connection_list, name="list"),
    path("new/", connections.connection_new, name="new"),
    path("<str:token>/", connections.connection_page, name="connection"),
    path("<str:token>/trial/", connections.connection_trial, name="trial"),
    path("<str:token>/offering/", connections.connection_enable, name="enable"),
    path("<str:token>/withdrawal/", connections.connection_disable, name="disable"),
    path("<str:token>/raising/", connections.connection_raise, name="raise"),
    path("<str:token>/archive/", connections.connection_archive, name="archive"),
]
