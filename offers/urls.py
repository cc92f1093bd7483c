"""Offers in the dashboard: below /<school>/offers/."""

from django.urls import path

from offers.views import editing, mails, manage, moves

app_name = "offers"
urlpatterns = [
    path("", manage.offer_list, name="list"),
    path("new/", editing.offer_new, name="new"),
    path("preview/", editing.offer_preview, name="preview"),
    path("<str:token>/", manage.offer_detail, name="detail"),
    path("<str:token>/edit/", editing.offer_edit, name="edit"),
    path("<str:token>/mails/", mails.offer_mails, name="mails"),
    path("<str:token>/mails/<slug:occasion>/", mails.mail_preview, name="mail_preview"),
    path("<str:token>/copy/", moves.offer_copy, name="copy"),
    path("<str:token>/deletion/", moves.offer_delete, name="delete"),
    path("<str:token>/publication/", moves.offer_publish, name="publish"),
    path("<str:token>/withdrawal/", moves.offer_unpublish, name="unpublish"),
    path("<str:token>/archive/", moves.offer_archive, name="archive"),
    path("<str:token>/restoration/", moves.offer_restore, name="restore"),
]
