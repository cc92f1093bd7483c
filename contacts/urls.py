"""Contacts in the dashboard: below /<school>/contacts/."""

from django.urls import path

from contacts.views import manage

app_name = "contacts"
urlpatterns = [
    path("", manage.contact_list, name="list"),
    path("new/", manage.contact_new, name="new"),
    path("<str:token>/", manage.contact_card, name="card"),
    path("<str:token>/edit/", manage.contact_edit, name="edit"),
    path("<str:token>/sign-in-link/", manage.contact_link, name="link"),
    path("<str:token>/sign-out/", manage.contact_sign_out, name="sign_out"),
]
