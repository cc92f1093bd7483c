"""Schools: starting one, its team and its settings."""

from django.conf import settings
from django.urls import path

from schools.views import activity, deliveries, invitations, mailbox, start, team
from schools.views import settings as settings_views

app_name = "schools"
urlpatterns = [
    path("schools/", start.start, name="start"),
    path("schools/new/", start.create, name="create"),
    path("schools/new/address/", start.address, name="address"),
    path("<slug:school>/settings/", settings_views.school_settings, name="settings"),
    path("<slug:school>/settings/address/", settings_views.school_address, name="school_address"),
    path("<slug:school>/settings/sending/", settings_views.sending, name="sending"),
    path("<slug:school>/settings/team/", team.team_page, name="team"),
    path("<slug:school>/settings/team/departure/", team.departure, name="departure"),
    path("<slug:school>/settings/team/invitations/", team.invite, name="invite"),
    path("<slug:school>/settings/team/invitations/<int:invitation>/sending/", team.resend, name="resend"),
    path("<slug:school>/settings/team/invitations/<int:invitation>/revocation/", team.revoke, name="revoke"),
    path("<slug:school>/settings/team/<int:member>/", team.member_page, name="member"),
    path("<slug:school>/settings/team/<int:member>/removal/", team.removal, name="removal"),
    path("<slug:school>/invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("<slug:school>/activity/", activity.activity, name="activity"),
    path("<slug:school>/deliveries/", deliveries.delivery_list, name="deliveries"),
    path("<slug:school>/deliveries/retry/", deliveries.delivery_retry_all, name="delivery_retry_all"),
    path("<slug:school>/deliveries/<int:delivery>/retry/", deliveries.delivery_retry, name="delivery_retry"),
]
if settings.KEEP_MAIL_IN:
    urlpatterns += [
        path("<slug:school>/mailbox/", mailbox.school_mailbox, name="mailbox"),
        path("<slug:school>/mailbox/<slug:name>/", mailbox.school_message, name="message"),
    ]
