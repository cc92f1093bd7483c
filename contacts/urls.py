"""Contacts in the dashboard: below /<school>/contacts/."""

from django.urls import path

from contacts.views import bulk, card, erasing, exports, fields, imports, list_forms, lists, manage, merging, undo

app_name = "contacts"
urlpatterns = [
    path("", manage.contact_list, name="list"),
    path("new/", manage.contact_new, name="new"),
    path("export/", exports.contact_export, name="export"),
    path("import/", imports.import_new, name="import"),
    path("import/<str:token>/", imports.import_detail, name="import_detail"),
    path("import/<str:token>/errors/", imports.import_errors, name="import_errors"),
    path("changes/", bulk.bulk, name="bulk"),
    path("undo/<str:name>/", undo.undo, name="undo"),
    path("fields/", fields.field_list, name="fields"),
    path("fields/new/", fields.field_new, name="fields_new"),
    path("fields/<str:token>/edit/", fields.field_edit, name="fields_edit"),
    path("fields/<str:token>/moves/<str:move>/", fields.field_move, name="fields_move"),
    path("lists/", lists.list_list, name="lists"),
    path("lists/new/", list_forms.list_new, name="lists_new"),
    path("lists/<str:token>/", lists.list_detail, name="lists_detail"),
    path("lists/<str:token>/count/", lists.list_count, name="lists_count"),
    path("lists/<str:token>/edit/", list_forms.list_edit, name="lists_edit"),
    path("lists/<str:token>/deletion/", lists.list_delete, name="lists_delete"),
    path("lists/<str:token>/people/", lists.list_add, name="lists_add"),
    path("lists/<str:token>/people/removal/", lists.list_remove, name="lists_remove"),
    path("<str:token>/", manage.contact_card, name="card"),
    path("<str:token>/edit/", manage.contact_edit, name="edit"),
    path("<str:token>/merge/", merging.contact_merge, name="merge"),
    path("<str:token>/personal-data/", erasing.personal_data, name="personal_data"),
    path("<str:token>/erasure/", erasing.contact_erase, name="erase"),
    path("<str:token>/changes/", card.contact_change, name="change"),
    path("<str:token>/consent/", card.contact_consent, name="consent"),
    path("<str:token>/sign-in-link/", manage.contact_link, name="link"),
    path("<str:token>/sign-out/", manage.contact_sign_out, name="sign_out"),
]
