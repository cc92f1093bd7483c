"""The addresses that a buyer of the store goes to."""

from django.urls import path

from benchmarks.skeleton import views

urlpatterns = [
    path("o/<str:token>", views.offer),
    path("o/<str:token>/quote/", views.quote),
    path("pay/<str:token>/", views.pay),
    path("pay/<str:token>/return/", views.pay_return),
    path("pay/<str:token>/done/", views.pay_done),
    path("notice/", views.notice),
]
