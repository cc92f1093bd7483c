"""Settings > Connections in the dashboard: below /<school>/settings/connections/."""

from django.urls import path

from automations.views import channels, connections, hooks

app_name = "connections"
urlpatterns = [
    path("", connections.connection_list, name="list"),
    path("secret/", connections.signing_secret, name="secret"),
    path("deliveries/", connections.delivery_list, name="deliveries"),
    path("deliveries/<int:delivery>/retry/", connections.delivery_retry, name="delivery_retry"),
    path("hooks/new/", hooks.hook_new, name="hook_new"),
    path("hooks/<str:token>/", hooks.hook_page, name="hook"),
    path("hooks/<str:token>/rotation/", hooks.hook_rotate, name="hook_rotate"),
    path("hooks/<str:token>/archive/", hooks.hook_archive, name="hook_archive"),
    path("telegram/new/", channels.channel_new, name="channel_new"),
    path("telegram/<str:token>/", channels.channel_page, name="channel"),
    path("telegram/<str:token>/trial/", channels.channel_trial, name="channel_trial"),
    path("telegram/<str:token>/removal/", channels.channel_remove, name="channel_remove"),
]
