"""Addresses of a school's own host: its store and its offers."""

from django.urls import include, path

from offers.views import store
from schools.views import files

urlpatterns = [
    path("", store.store, name="store"),
    path("o/<str:token>", store.public_offer, name="public_offer"),
    path("files/<str:address>/", files.serve_public_file, name="file"),
    path("pay/", include("orders.urls_site")),
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
