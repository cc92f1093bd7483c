"""The crowd of a run: many contacts of one school and single ones of another, each of whom an automation is for."""

from typing import Any

import psycopg

BIG, SMALL = "sampleschool", "otherschool"
NEWS = {"texts": {"en": {"subject": "For you", "body": "Hello {{ contact.name }}: {{ coupon.code }}"}}, "is_news": True}
COUPON = {"code": "auto", "size": "percent", "percent_bp": 1_500, "valid": "days", "valid_days": 7, "personal": True}
LIMITS = {"max_uses": 1, "max_uses_per_contact": 1, "offers": "all"}
STEPS = [
    {"kind": "wait", "settings": {"days": 1}},
    {"kind": "coupon", "settings": COUPON | LIMITS},
    {"kind": "mail", "settings": NEWS},
]
# What every run of the open scope waits for comes due at once.
COME_DUE = """
    UPDATE automations_runstep SET due_at = now() WHERE state = 'waiting' AND due_at > now();
    UPDATE automations_run SET due_at = now() WHERE state = 'waiting' AND due_at > now();
    UPDATE schools_outbox SET available_at = now()
     WHERE kind = 'automation.run' AND done_at IS NULL AND available_at > now();
"""
FILL = """
    INSERT INTO contacts_contact (school_id, token, email, name, phone, language, external_id, country,
        session_version, created_at, updated_at)
    SELECT %(school)s, 'm' || lpad(n::text, 11, '0'), 'many' || n || '@example.test', 'Person ' || n, '', '', '', '',
        1, now(), now()
    FROM generate_series(1, %(count)s) n RETURNING id
"""


def fill(owner: psycopg.Connection[Any], count: int) -> list[int]:
    """Contacts of the big school, and in both schools the automation, switched on."""
    from automations.models import Automation
    from automations.services.switching import switch_off, switch_on
    from automations.services.writing import create_automation
    from contacts.services.lists import create_list
    from schools.models import School
    from schools.tenancy.scope import school_scope

    big = School.objects.get(slug=BIG)
    with school_scope(big), _connection().cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(FILL, {"school": big.pk, "count": count})
        ids = [pk for (pk,) in cursor.fetchall()]
    for slug, trigger, steps in ((BIG, "list.joined", STEPS), (SMALL, "contact.created", STEPS[1:])):
        with school_scope(School.objects.get(slug=slug)):
            School.objects.filter(slug=slug).update(news_a_day=10_000_000, news_a_contact_a_day=100)
            for other in Automation.objects.filter(state=Automation.State.ON):
                switch_off(automation=other, actor=None)
            group = create_list(name="Many", actor=None)
            settings = {"list": group.token} if trigger == "list.joined" else {}
            recipe = {"trigger": trigger, "trigger_settings": settings, "steps": steps}
            switch_on(automation=create_automation(name="Reward", actor=None, recipe=recipe), actor=None)
    owner.execute("VACUUM ANALYZE contacts_contact")
    return ids


def join(people: list[int]) -> None:
    """Put everybody in the list, five thousand in each transaction, as an import does."""
    from contacts.models import Contact, ContactList
    from contacts.services.lists import add_members
    from schools.models import School
    from schools.tenancy.scope import school_scope

    school = School.objects.get(slug=BIG)
    for at in range(0, len(people), 5_000):
        with school_scope(school):
            group = ContactList.objects.get(name="Many")
            contacts = Contact.objects.filter(pk__in=people[at : at + 5_000])
            add_members(contact_list=group, contacts=contacts, actor=None)


def let_time_pass() -> None:
    """What runs of the big school wait for comes due."""
    from schools.models import School
    from schools.tenancy.scope import school_scope

    with school_scope(School.objects.get(slug=BIG)), _connection().cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(COME_DUE)


def add_single(email: str) -> None:
    """One more contact of the other school, which starts its automation."""
    from contacts.services.people import ContactFacts, add_contact
    from schools.models import School
    from schools.tenancy.scope import school_scope

    with school_scope(School.objects.get(slug=SMALL)):
        add_contact(facts=ContactFacts(email=email, name="Single"), actor=None)


def _connection() -> Any:
    from django.db import connection

    return connection
