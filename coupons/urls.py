"""Promo codes in the dashboard: below /<school>/coupons/."""

from django.urls import path

from coupons.views import bulk, check, detail, editing, exports, imports, manage, moves, undo

app_name = "coupons"
urlpatterns = [
    path("", manage.coupon_list, name="list"),
    path("new/", editing.coupon_new, name="new"),
    path("look/", editing.coupon_look, name="look"),
    path("code/", editing.code_state, name="code_state"),
    path("people/", editing.people, name="people"),
    path("check/", check.code_check, name="check"),
    path("changes/", bulk.bulk, name="bulk"),
    path("export/", exports.coupon_export, name="export"),
    path("undo/<str:facts>/", undo.undo, name="undo"),
    path("import/", imports.import_new, name="import"),
    path("import/<str:token>/", imports.import_detail, name="import_detail"),
    path("import/<str:token>/start/", imports.import_start, name="import_start"),
    path("import/<str:token>/errors/", imports.import_errors, name="import_errors"),
    path("<str:token>/", detail.coupon_detail, name="detail"),
    path("<str:token>/edit/", editing.coupon_edit, name="edit"),
    path("<str:token>/qr/<str:offer>/", detail.coupon_qr, name="qr"),
    path("<str:token>/moves/<str:move>/", moves.coupon_move, name="move"),
]
