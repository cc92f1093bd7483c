"""Process automation in the dashboard: below /<school>/automations/."""

from django.urls import path

from automations.views import detail, editor, mail_look, manage, moves, runs, steps, trying, undo

app_name = "automations"
urlpatterns = [
    path("", manage.automation_list, name="list"),
    path("new/", manage.automation_new, name="new"),
    path("errors/", runs.error_list, name="errors"),
    path("people/", mail_look.people, name="people"),
    path("undo/<str:facts>/", undo.undo, name="undo"),
    path("runs/<str:token>/", runs.run_detail, name="run"),
    path("runs/<str:token>/retry/", runs.run_retry, name="run_retry"),
    path("runs/<str:token>/stop/", runs.run_stop, name="run_stop"),
    path("<str:token>/", detail.automation_detail, name="detail"),
    path("<str:token>/edit/", editor.automation_edit, name="edit"),
    path("<str:token>/edit/facts/", editor.facts_edit, name="facts"),
    path("<str:token>/edit/trigger/", editor.trigger_edit, name="trigger"),
    path("<str:token>/edit/conditions/", editor.conditions_edit, name="conditions"),
    path("<str:token>/edit/add/", steps.step_add, name="step_add"),
    path("<str:token>/edit/<int:position>/", steps.step_edit, name="step"),
    path("<str:token>/edit/<int:position>/move/", steps.step_move, name="step_move"),
    path("<str:token>/edit/<int:position>/delete/", steps.step_delete, name="step_delete"),
    path("<str:token>/runs/", runs.run_list, name="runs"),
    path("<str:token>/rehearsal/", trying.rehearsal, name="rehearsal"),
    path("<str:token>/by-hand/", trying.by_hand, name="by_hand"),
    path("<str:token>/moves/<str:move>/", moves.automation_move, name="move"),
]
