"""What a school with many contacts knows about them: tags, own fields, lists, visits, access and progress.

Rows for `benchmarks.lists`, and the addresses that ask for them.
"""

import json
from typing import Any

CONTACTS = """
    INSERT INTO contacts_contact (school_id, token, email, name, phone, language, external_id, country, session_version,
        consented_at, unsubscribed_at, last_seen_at, created_at, updated_at)
    SELECT %(school)s, 'c' || lpad(n::text, 11, '0'), 'bulk' || n || '@example.test',
        'Name' || n %% 997 || ' Family' || n %% 5003, '', (ARRAY['en', 'uk', 'pl'])[1 + n %% 3], '',
        (ARRAY['UA', 'PL', 'GB', ''])[1 + n %% 4], 1, CASE WHEN n %% 2 = 0 THEN now() END,
        CASE WHEN n %% 50 = 0 THEN now() END, CASE WHEN n %% 3 = 0 THEN now() - n %% 365 * interval '1 day' END,
        now() - n * interval '1 minute', now()
    FROM generate_series(1, %(contacts)s) n
"""
# A tag that one in a hundred has and one that half have; a city of every contact, a number and a day of each fifth;
# a static list of half; a course that a third have, with progress.
FACTS = (
    """
    INSERT INTO contacts_tag (school_id, token, name, name_key, created_at)
    VALUES (%(school)s, 'rare', 'Rare', 'rare', now()), (%(school)s, 'often', 'Often', 'often', now())
    """,
    """
    INSERT INTO contacts_contacttag (school_id, contact_id, tag_id, created_at)
    SELECT %(school)s, c.id, t.id, now() FROM contacts_contact c, contacts_tag t
    WHERE c.email LIKE 'bulk%%' AND c.id %% (CASE t.name_key WHEN 'rare' THEN 100 ELSE 2 END) = 0
        AND t.token IN ('rare', 'often')
    """,
    """
    INSERT INTO contacts_contactfield (school_id, token, label, kind, choices, position, created_at)
    VALUES (%(school)s, 'city', 'Town', 'text', '[]', 0, now()),
        (%(school)s, 'size', 'Shoe size', 'number', '[]', 1, now()),
        (%(school)s, 'birthday', 'Born', 'date', '[]', 2, now())
    """,
    """
    INSERT INTO contacts_contactvalue (school_id, contact_id, field_id, text, number, date, updated_at)
    SELECT %(school)s, c.id, f.id, CASE f.token WHEN 'city' THEN 'City' || c.id %% 50 ELSE '' END,
        CASE f.token WHEN 'size' THEN c.id %% 300 END,
        CASE f.token WHEN 'birthday' THEN date '1960-01-01' + (c.id %% 18000)::int END, now()
    FROM contacts_contact c, contacts_contactfield f
    WHERE c.email LIKE 'bulk%%' AND f.token IN ('city', 'size', 'birthday') AND (f.token = 'city' OR c.id %% 5 = 0)
    """,
    """
    INSERT INTO contacts_contactlist (school_id, token, name, created_at)
    VALUES (%(school)s, 'half', 'Half of all', now())
    """,
    """
    INSERT INTO contacts_contactlistmember (school_id, contact_list_id, contact_id, created_at)
    SELECT %(school)s, l.id, c.id, now() - c.id * interval '1 second' FROM contacts_contact c, contacts_contactlist l
    WHERE l.token = 'half' AND c.email LIKE 'bulk%%' AND c.id %% 2 = 0
    """,
    """
    INSERT INTO courses_access (school_id, contact_id, course_id, is_whole, starts_at, reason, cause, created_at)
    SELECT %(school)s, c.id, %(course)s, true, now(), '', 'bulk' || c.id, now() FROM contacts_contact c
    WHERE c.email LIKE 'bulk%%' AND c.id %% 3 = 0
    """,
    """
    INSERT INTO courses_lessoncompletion (school_id, contact_id, lesson_id, completed_at)
    SELECT %(school)s, a.contact_id, l.id, now() FROM courses_access a, courses_lesson l
    WHERE a.cause LIKE 'bulk%%' AND l.course_id = a.course_id AND l.id %% 3 >= a.contact_id %% 4
    """,
)
DYNAMIC_ROW = """
    INSERT INTO contacts_contactlist (school_id, token, name, conditions, created_at)
    VALUES (%(school)s, %(token)s, %(token)s, %(conditions)s, now())
"""
# Dynamic lists by token: what they ask.
DYNAMIC: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "bytag": ("all", [{"fact": "tag", "op": "has", "value": "rare"}]),
    "byoftentag": ("all", [{"fact": "tag", "op": "has", "value": "often"}]),
    "bycity": ("all", [{"fact": "field:city", "op": "is", "value": "City7"}]),
    "bysize": ("all", [{"fact": "field:size", "op": "at_least", "value": "290"}]),
    "bybirth": ("all", [{"fact": "field:birthday", "op": "since", "value": "2008-01-01"}]),
    "byname": ("all", [{"fact": "name", "op": "contains", "value": "family4242"}]),
    "bybuying": ("all", [{"fact": "orders_paid", "op": "at_least", "value": 1}]),
    "bymanyorders": ("all", [{"fact": "orders_paid", "op": "at_least", "value": 4}]),
    "bymoney": ("all", [{"fact": "money_paid", "op": "at_least", "value": {"amount_minor": 1, "currency": "UAH"}}]),
    "byabsence": ("all", [{"fact": "last_seen", "op": "longer", "value": 30}]),
    "bynoorder": ("all", [{"fact": "orders_paid", "op": "less", "value": 1}, {"fact": "news", "op": "yes"}]),
    "byprogress": ("all", [{"fact": "course_progress", "op": "at_least", "value": {"of": "{course}", "value": 100}}]),
    "byall": (
        "any",
        [
            {"fact": "country", "op": "is", "value": "PL"},
            {
                "match": "all",
                "parts": [{"fact": "tag", "op": "has", "value": "often"}, {"fact": "access", "op": "has", "value": ""}],
            },
            {"fact": "list", "op": "has", "value": "half"},
        ],
    ),
    "bynobody": (
        "all",
        [{"fact": "tag", "op": "has", "value": "rare"}, {"fact": "name", "op": "is", "value": "Nobody"}],
    ),
}
LISTS = {
    "contacts: first page": "contacts/",
    "contacts: page 1000": "contacts/?after={contacts_cursor}",
    "contacts: an email": "contacts/?q=bulk9876",
    "contacts: a name": "contacts/?q=family42",
    "contacts: everybody's word": "contacts/?q=bulk",
    "contacts: two words": "contacts/?q=name42+family4242",
    "contacts: a rare tag": "contacts/?tag=rare",
    "contacts: a frequent tag": "contacts/?tag=often",
    "contacts: tag, page 1000": "contacts/?tag=often&after={contacts_cursor}",
    "contacts: a static list": "contacts/?list=half",
    "contacts: a dynamic list": "contacts/?list=bycity",
    "contacts: asked for news": "contacts/?news=wanted",
    "contacts: wants no news": "contacts/?news=refused",
    "contacts: address refuses": "contacts/?news=bounced",
    "lists": "contacts/lists/",
    "static list: first page": "contacts/lists/half/",
    "static list: a name": "contacts/lists/half/?q=family42",
} | {f"dynamic list: {token}": f"contacts/lists/{token}/" for token in DYNAMIC}


def dynamic_rows(course: str) -> list[tuple[str, str]]:
    """Token and conditions of each dynamic list."""
    return [
        (token, json.dumps({"match": match, "parts": parts}).replace("{course}", course))
        for token, (match, parts) in DYNAMIC.items()
    ]
