"""The isolation guards of trust 3.7: each takes a connection and answers with what is wrong, nothing when all is well.

They are functions so that the negative controls can run them against a database whose fence was taken down.
"""

from typing import Any

import psycopg

from schools.tenancy.tables import DIRECTORY_TABLES, PLATFORM_TABLES

Connection = psycopg.Connection[Any]

ROLES = ("shop_app", "shop_relay", "shop_ops")


def tenant_tables(connection: Connection) -> list[str]:
    """Every table of the schema that is not on the platform list."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in rows if name not in PLATFORM_TABLES]


def unlisted_tables(connection: Connection) -> list[str]:
    """Guard 1a: a table without school_id that the platform list does not name, or a listed one that is gone."""
    with_school = {
        name
        for (name,) in connection.execute(
            "SELECT table_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND column_name = 'school_id'"
        )
    }
    present = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    wrong = [f"{name}: no school_id and not on the list" for name in present - with_school - set(PLATFORM_TABLES)]
    wrong += [f"{name}: on the list, but a tenant's" for name in with_school & set(PLATFORM_TABLES) - DIRECTORY_TABLES]
    return wrong + [f"{name}: on the list, but gone" for name in set(PLATFORM_TABLES) - present]


def unfenced_tables(connection: Connection) -> list[str]:
    """Guard 1b: a school's table without forced row security, a policy for app, or the restrictive floor."""
    query = """
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'school_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND (
            NOT c.relrowsecurity OR NOT c.relforcerowsecurity
            OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND 'shop_app'::regrole = ANY(p.polroles))
            OR (NOT c.relname = ANY(%s) AND NOT EXISTS (
                SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive
                AND 'shop_app'::regrole = ANY(p.polroles) AND p.polcmd = '*')))
    """
    return [name for (name,) in connection.execute(query, [list(DIRECTORY_TABLES)])]


def loose_policies(connection: Connection) -> list[str]:
    """Guard 1c: a policy for app that does not look at the school, or one for everybody."""
    query = """
        SELECT tablename || '.' || policyname FROM pg_policies
        WHERE schemaname = 'public' AND (
            'public' = ANY(roles)
            OR ('shop_app' = ANY(roles) AND coalesce(qual, with_check) NOT LIKE '%%app.school_id%%'
                AND NOT (tablename = ANY(%s) AND cmd = 'SELECT')))
    """
    return [name for (name,) in connection.execute(query, [list(DIRECTORY_TABLES)])]


def strong_roles(connection: Connection) -> list[str]:
    """Guard 2: a role that owns something, passes row security, or belongs to another role."""
    query = """
        SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY(%s) AND (
            r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication
            OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid)
            OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid))
    """
    return [name for (name,) in connection.execute(query, [list(ROLES)])]


def stray_grants(connection: Connection) -> list[str]:
    """Guard 2b: rights of relay beyond the outbox, of ops beyond reading, of app to TRUNCATE or to change history."""
    query = """
        SELECT grantee || ': ' || privilege_type || ' on ' || table_name FROM information_schema.table_privileges
        WHERE table_schema = 'public' AND (
            (grantee = 'shop_relay' AND NOT (table_name = 'schools_outbox' AND privilege_type IN ('SELECT', 'UPDATE')))
            OR (grantee = 'shop_ops' AND privilege_type <> 'SELECT')
            OR (grantee = 'shop_app' AND privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES'))
            OR grantee = 'PUBLIC')
    """
    return [line for (line,) in connection.execute(query)]


def rows_without_school(connection: Connection) -> list[str]:
    """Guard 3a: a tenant table that shows rows to app while no school is set."""
    counted = [
        (name, connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()) for name in tenant_tables(connection)
    ]
    return [f"{name}: {row[0]} rows" for name, row in counted if row and row[0]]


def inserts_without_school(connection: Connection) -> list[str]:
    """Guard 3b: a tenant table that lets app insert while no school is set."""
    return [name for name in tenant_tables(connection) if not _insert_is_refused(connection, name)]


def _insert_is_refused(connection: Connection, table: str) -> bool:
    try:
        with connection.transaction():
            connection.execute(f'INSERT INTO "{table}" (school_id) VALUES (1)')
    except psycopg.errors.InsufficientPrivilege:
        return True
    except psycopg.Error:
        return False  # another rule stopped it; the policy must come first
    return False


def plain_foreign_keys(connection: Connection) -> list[str]:
    """Guard 4: a foreign key between two tenant tables without the school in it."""
    query = """
        SELECT conrelid::regclass || '.' || conname FROM pg_constraint c
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace
        AND conrelid::regclass::text = ANY(%(tables)s) AND confrelid::regclass::text = ANY(%(tables)s)
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid
                        AND a.attnum = ANY(c.conkey) AND a.attname = 'school_id')
    """
    return [name for (name,) in connection.execute(query, {"tables": tenant_tables(connection)})]


def links_without_key(connection: Connection) -> list[str]:
    """Guard 4b: a column of a tenant model that points at a tenant row with no foreign key in the database.

    Row histories hold what a row said once, and outlive the row it pointed at.
    """
    from django.apps import apps

    from schools.tenancy.models import TenantForeignKey

    held = {
        (str(table), str(column))
        for table, column in connection.execute(
            "SELECT conrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a "
            "ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) WHERE contype = 'f'"
        )
    }
    links = [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, TenantForeignKey) and not hasattr(model, "pgh_tracked_model")
    ]
    return [f"{table}.{column}" for table, column in links if (table, column) not in held]


def indexes_across_schools(connection: Connection) -> list[str]:
    """Guard 5: an index of a tenant table, other than its primary key, that does not start with school_id."""
    query = """
        SELECT i.indexrelid::regclass::text FROM pg_index i
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary AND a.attname IS DISTINCT FROM 'school_id'
    """
    return [name for (name,) in connection.execute(query, [tenant_tables(connection)])]


def ways_around(connection: Connection) -> list[str]:
    """Guard 6: a view that runs as its owner, a definer function, a materialized view."""
    views = """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND (
            c.relkind = 'm' OR (c.relkind = 'v' AND NOT coalesce(c.reloptions, '{}') @> '{security_invoker=true}'))
    """
    functions = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    return [name for (name,) in [*connection.execute(views), *connection.execute(functions)]]


def too_strong(connection: Connection) -> list[str]:
    """Guard 8: a login that passes row security or owns tables; tests as such a one prove nothing."""
    query = """
        SELECT rolname FROM pg_roles r WHERE rolname = current_user AND (
            rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid))
    """
    return [name for (name,) in connection.execute(query)]


CATALOG_GUARDS = [
    unlisted_tables,
    unfenced_tables,
    loose_policies,
    strong_roles,
    stray_grants,
    plain_foreign_keys,
    links_without_key,
    indexes_across_schools,
    ways_around,
]
CONTEXT_GUARDS = [rows_without_school, inserts_without_school]
