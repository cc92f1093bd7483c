"""Queries whose SQL is written once. Django composes the text of a query anew each time it is asked, which costs a
busy page more than the database takes to answer it.

    _BY_TOKEN = Statement(lambda: Offer.objects.select_related("cover").filter(token=Given("token")))
    _BY_TOKEN.first(token="TnHG7QjEFukO")

What the query set holds when it is written stays in it for good, so all that differs between two questions is a
`Given`. The school of the open scope is one by itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from threading import Lock
from typing import Any

from django.db import connections
from django.db.models import CharField, Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from schools.tenancy import scope


class Given(Expression):
    """Stands in a query for a value that is known when it is asked; of text unless `output_field` says otherwise."""

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field or CharField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


_SCHOOL = Given("school of the scope")


class Statement:
    """A query set that `compose` makes, asked with other values each time; safe between threads.

    `ending` is what Django has no words for, such as FOR KEY SHARE.
    """

    def __init__(self, compose: Callable[[], QuerySet[Any]], *, ending: str = "") -> None:
        self._compose, self._ending = compose, ending
        self._lock = Lock()
        self._written: tuple[QuerySet[Any], SQLCompiler, str, tuple[Any, ...]] | None = None

    def all(self, **values: Any) -> list[Any]:
        """The rows for these values; one query."""
        rows, compiler, sql, parameters = self._written or self._write()
        asked = copy(compiler)
        asked.connection = connections[asked.using or "default"]
        given = [_value_of(each, values) for each in parameters]
        asked.as_sql = lambda *args, **kwargs: (sql, given)  # type: ignore[method-assign, assignment]
        rows = rows.all()
        rows.query.get_compiler = lambda *args, **kwargs: asked  # type: ignore[method-assign]
        return list(rows)

    def first(self, **values: Any) -> Any:
        """The first row for these values, None when there is none."""
        found = self.all(**values)
        return found[0] if found else None

    def _write(self) -> tuple[QuerySet[Any], SQLCompiler, str, tuple[Any, ...]]:
        with self._lock:
            if self._written is None:
                with _any_school():
                    rows = self._compose()
                compiler = rows.query.get_compiler(using=rows.db)
                sql, parameters = compiler.as_sql()
                self._written = rows, compiler, f"{sql} {self._ending}".rstrip(), tuple(parameters)
            return self._written


def _value_of(parameter: Any, values: dict[str, Any]) -> Any:
    if not isinstance(parameter, Given):
        return parameter
    return scope.current_school_id() if parameter.name == _SCHOOL.name else values[parameter.name]


@contextmanager
def _any_school() -> Iterator[None]:
    """Managers write a place for the school where they would write the one of the open scope."""
    token = scope._current.set(_SCHOOL)  # type: ignore[arg-type]
    try:
        yield
    finally:
        scope._current.reset(token)
