"""Schools: starting one, its team and its settings."""

from django.urls.resolvers import URLPattern

app_name = "schools"
urlpatterns: list[URLPattern] = []
