"""A URLconf with one address more, for the crawler's control."""

from django.urls import path

from kwiga import urls_site
from kwiga.pages import store

urlpatterns = [*urls_site.urlpatterns, path("forgotten/", store.store, name="forgotten")]
