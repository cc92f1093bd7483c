"""Signing in, and saying no to news, on a school's host."""

from django.urls import path

from contacts.views import consent, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("claim/<str:signed>/", sign_in.claim, name="claim"),
    path("unsubscribe/<str:signed>/", consent.unsubscribe, name="unsubscribe"),
    path("unsubscribe/<str:signed>/back/", consent.resubscribe, name="resubscribe"),
]
