"""Addresses of a school's own host: its store and its offers."""

from django.urls import path

from kwiga.pages.ui import preference_urls
from offers.views import store

urlpatterns = [
    path("", store.store, name="store"),
    path("o/<str:token>", store.public_offer, name="public_offer"),
    *preference_urls,
]

handler400 = "kwiga.pages.errors.bad_request"
handler403 = "kwiga.pages.errors.permission_denied"
handler404 = "kwiga.pages.errors.not_found"
handler500 = "kwiga.pages.errors.server_error"
