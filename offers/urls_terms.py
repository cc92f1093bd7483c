"""Legal terms in the dashboard: below /<school>/terms/."""

from django.urls import path

from offers.views import terms

app_name = "terms"
urlpatterns = [
    path("", terms.document_list, name="list"),
    path("new/", terms.document_new, name="new"),
    path("<str:token>/", terms.document_detail, name="detail"),
    path("<str:token>/change/", terms.document_change, name="change"),
    path("<str:token>/versions/new/", terms.version_new, name="version_new"),
    path("<str:token>/versions/<int:number>/", terms.version_detail, name="version"),
    path("<str:token>/archive/", terms.document_archive, name="archive"),
    path("<str:token>/restoration/", terms.document_restore, name="restore"),
]
