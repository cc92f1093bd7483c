"""Addresses of the root host: the platform's pages and, under /<school>/, each school's dashboard."""

from django.conf import settings
from django.urls import include, path

from kwiga.pages import account, demo_data, home, landing, offer_coupons
from kwiga.pages.ui import preference_urls, styleguide
from orders.views import webhooks
from schools.views import files, mailbox

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("account/", account.account, name="account"),
    path("accounts/", include("allauth.urls")),
    path("files/<str:address>/", files.serve_public_file, name="file"),
    *preference_urls,
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
if settings.KEEP_MAIL_IN:
    urlpatterns += [
        path("mailbox/", mailbox.platform_mailbox, name="platform_mailbox"),
        path("mailbox/<slug:name>/", mailbox.platform_message, name="platform_message"),
    ]

urlpatterns += [
    path("", include("schools.urls")),
    path("<slug:school>/", home.school_home, name="school_home"),
    path("<slug:school>/settings/demo-data/", demo_data.demo_data, name="demo_data"),
    path("<slug:school>/contacts/", include("contacts.urls")),
    path("<slug:school>/courses/", include("courses.urls")),
    path("<slug:school>/offers/<str:token>/coupons/", offer_coupons.offer_coupons, name="offer_coupons"),
    path("<slug:school>/offers/", include("offers.urls")),
    path("<slug:school>/terms/", include("offers.urls_terms")),
    path("<slug:school>/coupons/", include("coupons.urls")),
    path("<slug:school>/automations/", include("automations.urls")),
    path("<slug:school>/", include("orders.urls")),
    path("<slug:school>/settings/payments/", include("orders.urls_settings")),
    path("<slug:school>/settings/connections/", include("automations.urls_connections")),
    path("webhooks/<str:provider>/<slug:school>/<str:token>/", webhooks.webhook, name="webhook"),
]

handler400 = "kwiga.pages.errors.bad_request"
handler403 = "kwiga.pages.errors.permission_denied"
handler404 = "kwiga.pages.errors.not_found"
handler429 = "kwiga.pages.account.rate_limited"  # asked for by allauth
handler500 = "kwiga.pages.errors.server_error"
