"""What other systems call, on a school's own host: below /hooks/."""

from django.urls import path

from automations.views import hooks

urlpatterns = [path("<str:secret>/", hooks.incoming_hook, name="incoming_hook")]
