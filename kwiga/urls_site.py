"""Addresses of a school's own host: its store and its offers."""

from django.urls import include, path, re_path

from kwiga.pages import (
    checkout,
    course_page,
    sitemap,
    store,
    student,
    student_orders,
    student_profile,
    terms,
    ui,
)
from schools.views import files

urlpatterns = [
    path("", store.store, name="store"),
    re_path(r"^o/(?P<token>[A-Za-z0-9]{1,40})/?$", checkout.public_offer, name="public_offer"),
    path("o/<str:token>/quote/", checkout.offer_quote, name="offer_quote"),
    path("courses/<str:token>/", course_page.public_course, name="public_course"),
    path("terms/<str:token>/", terms.terms, name="terms"),
    path("terms/<str:token>/<int:number>/", terms.terms, name="terms_version"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("files/<str:address>/", files.serve_public_file, name="file"),
    path("learn/", include("courses.urls_site")),
    path("pay/", include("orders.urls_site")),
    path("hooks/", include("automations.urls_site")),
    path("", include("contacts.urls_site")),
    path("me/", student.courses, name="student_courses"),
    path("me/start/", student.start, name="student_start"),
    path("me/orders/", student_orders.orders, name="student_orders"),
    path("me/orders/<str:number>/", student_orders.order, name="student_order"),
    path("me/profile/", student_profile.profile, name="student_profile"),
    path("me/profile/email/", student_profile.new_email, name="student_email"),
    path("me/profile/email/code/", student_profile.new_email_code, name="student_email_code"),
    path("me/sign-out-everywhere/", student_profile.sign_out_everywhere, name="student_sign_out_everywhere"),
    path("preferences/theme/", ui.set_theme, name="preferences_theme"),
    path("preferences/language/", student_profile.set_language, name="preferences_language"),
]

handler400 = "kwiga.pages.errors.bad_request"
handler403 = "kwiga.pages.errors.permission_denied"
handler404 = "kwiga.pages.errors.not_found"
handler500 = "kwiga.pages.errors.server_error"
