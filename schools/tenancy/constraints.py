"""What keeps schools apart in the database, written as constraints so that migrations notice a missing one.

Old migrations call these classes too: a change of the SQL needs a new `version`, and the old text stays.
"""

from abc import ABC, abstractmethod
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, Model

APP, RELAY, OPS = "shop_app", "shop_relay", "shop_ops"

THIS_SCHOOL = "school_id = (SELECT nullif(current_setting('app.school_id', true), '')::bigint)"
THIS_USER = "user_id = (SELECT nullif(current_setting('app.user_id', true), '')::bigint)"


class SqlConstraint(ABC, BaseConstraint):
    """A constraint whose SQL Django does not know. Its statements run at the end of the migration."""

    def __init__(self, *, name: str, version: int = 1) -> None:
        super().__init__(name=name)
        self.version = version

    @abstractmethod
    def up(self, table: str, model: type[Model]) -> str:
        """The statements that put it up."""

    @abstractmethod
    def down(self, table: str, model: type[Model]) -> str:
        """The statements that take it down again."""

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        if model is not None and schema_editor is not None:
            schema_editor.deferred_sql.append(self._statement(self.up, model, schema_editor))

    def constraint_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        self.create_sql(model, schema_editor)

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        return (
            self._statement(self.down, model, schema_editor)
            if model is not None and schema_editor is not None
            else None
        )

    def _statement(self, sql: Any, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> Statement:
        table = schema_editor.quote_name(model._meta.db_table)
        # A per cent sign would be read as a parameter of Statement.
        return Statement(
            sql(table, model).replace("%", "%%"), table=Table(model._meta.db_table, schema_editor.quote_name)
        )

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database alone checks it."""

    def check(self, model: type[Model], connection: Any) -> list[Any]:
        return []

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"version": self.version}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SqlConstraint) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class TenantPolicy(SqlConstraint):
    """Forced row-level security: app sees the rows of the school that is set, ops reads all, the owner none.

    With `relay` the drainer's role may also read and update rows of every school.
    """

    def __init__(self, *, name: str, version: int = 1, relay: bool = False) -> None:
        super().__init__(name=name, version=version)
        self.relay = relay

    def up(self, table: str, model: type[Model]) -> str:
        statements = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} FOR ALL TO {APP} USING ({THIS_SCHOOL}) WITH CHECK ({THIS_SCHOOL})",
            # Permissive policies are OR-ed; this floor holds whatever is added later.
            f"CREATE POLICY tenant_floor ON {table} AS RESTRICTIVE FOR ALL TO {APP} "
            f"USING ({THIS_SCHOOL}) WITH CHECK ({THIS_SCHOOL})",
            f"CREATE POLICY ops_reads ON {table} FOR SELECT TO {OPS} USING (true)",
        ]
        if self.relay:
            statements += [
                f"CREATE POLICY relay_reads ON {table} FOR SELECT TO {RELAY} USING (true)",
                f"CREATE POLICY relay_claims ON {table} FOR UPDATE TO {RELAY} USING (true) WITH CHECK (true)",
                f"GRANT SELECT, UPDATE ON {table} TO {RELAY}",
            ]
        return ";\n".join(statements)

    def down(self, table: str, model: type[Model]) -> str:
        policies = ["tenant", "tenant_floor", "ops_reads"] + ["relay_reads", "relay_claims"] * self.relay
        statements = [f"DROP POLICY {policy} ON {table}" for policy in policies]
        return ";\n".join([*statements, f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"])

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | ({"relay": True} if self.relay else {})


class DirectoryPolicy(SqlConstraint):
    """The two tables that answer "which school?": read before a school is known, written only within it."""

    READS = {"everyone": "true", "own": f"{THIS_SCHOOL} OR {THIS_USER}"}

    def __init__(self, *, name: str, reads: str, version: int = 1) -> None:
        super().__init__(name=name, version=version)
        self.reads = reads

    def up(self, table: str, model: type[Model]) -> str:
        return ";\n".join(
            [
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY directory_reads ON {table} FOR SELECT TO {APP} USING ({self.READS[self.reads]})",
                f"CREATE POLICY tenant_inserts ON {table} FOR INSERT TO {APP} WITH CHECK ({THIS_SCHOOL})",
                f"CREATE POLICY tenant_updates ON {table} FOR UPDATE TO {APP} "
                f"USING ({THIS_SCHOOL}) WITH CHECK ({THIS_SCHOOL})",
                f"CREATE POLICY tenant_deletes ON {table} FOR DELETE TO {APP} USING ({THIS_SCHOOL})",
                f"CREATE POLICY ops_reads ON {table} FOR SELECT TO {OPS} USING (true)",
            ]
        )

    def down(self, table: str, model: type[Model]) -> str:
        policies = ["directory_reads", "tenant_inserts", "tenant_updates", "tenant_deletes", "ops_reads"]
        statements = [f"DROP POLICY {policy} ON {table}" for policy in policies]
        return ";\n".join([*statements, f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"])

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"reads": self.reads}


class TenantKey(SqlConstraint):
    """The foreign key of `field` with the school in it, so that no row can point into another school.

    Postgres checks foreign keys without looking at policies; a plain one would accept the neighbor's row.
    """

    def __init__(self, *, field: str, name: str = "%(app_label)s_%(class)s_{field}_key", version: int = 1) -> None:
        super().__init__(name=name.format(field=field), version=version)
        self.field = field

    def up(self, table: str, model: type[Model]) -> str:
        column, target = self._ends(model)
        return (
            f'ALTER TABLE {table} ADD CONSTRAINT "{self.name}" FOREIGN KEY (school_id, "{column}") '
            f'REFERENCES "{target}" (school_id, id) DEFERRABLE INITIALLY DEFERRED'
        )

    def down(self, table: str, model: type[Model]) -> str:
        return f'ALTER TABLE {table} DROP CONSTRAINT "{self.name}"'

    def _ends(self, model: type[Model]) -> tuple[str, str]:
        field: Any = model._meta.get_field(self.field)
        return field.column, field.remote_field.model._meta.db_table

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"field": self.field}
