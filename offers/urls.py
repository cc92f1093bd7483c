"""Offers in the dashboard: below /<school>/offers/."""

from django.urls import path

from offers.views import manage

app_name = "offers"
urlpatterns = [
    path("", manage.offer_list, name="list"),
    path("new/", manage.offer_new, name="new"),
    path("<str:token>/", manage.offer_detail, name="detail"),
    path("<str:token>/edit/", manage.offer_edit, name="edit"),
    path("<str:token>/publication/", manage.offer_publish, name="publish"),
    path("<str:token>/withdrawal/", manage.offer_unpublish, name="unpublish"),
    path("<str:token>/archive/", manage.offer_archive, name="archive"),
    path("<str:token>/restoration/", manage.offer_restore, name="restore"),
]
