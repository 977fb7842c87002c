"""What is sent to a database, whichever way it goes: by SQLAlchemy, or prepared on the driver's own cursor."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from reflect.storage.database import Database
from reflect.storage.prepared import Prepared


@contextmanager
def counting(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that reads or writes rows of a database, as long as this lasts."""
    sent: list[str] = []
    execute = Prepared._execute

    def noting(self: Prepared, db: Session, values: dict[str, Any]) -> Any:
        compiled, cursor = execute(self, db, values)
        if db.get_bind().engine.url == database.engine.url:
            sent.append(compiled.sql)
        return compiled, cursor

    def hear(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            sent.append(sql)

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Prepared, "_execute", noting)
            yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)
