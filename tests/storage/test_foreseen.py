"""A student's pages ask a database over a network for nothing besides what was foreseen."""

import threading
from typing import Any

import pytest
from sqlmodel import Session

from reflect.storage.prepared import Prepared
from tests.installation import Installation
from tests.web.dialogs import STUDENT, TEACHER, Visit, arrives


@pytest.fixture
def besides(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that wait for an answer of their own."""
    sent: list[str] = []
    execute = Prepared._execute

    def noting(self: Prepared, db: Session, values: dict[str, Any]) -> Any:
        compiled, cursor = execute(self, db, values)
        if threading.current_thread().name == "look-ups" and not cursor.connection._pipeline:
            sent.append(compiled.sql)
        return compiled, cursor

    monkeypatch.setattr(Prepared, "_execute", noting)
    return sent


def reads(sent: list[str]) -> list[str]:
    return [sql for sql in sent if sql.startswith("SELECT")]


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_everything_is_asked_in_one_go(installation: Installation, besides: list[str], anonymity: str) -> None:
    if installation.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite is no way off")
    teacher = arrives(installation, TEACHER)
    teacher.asks("How was the bridge?", anonymity=anonymity)
    student: Visit = arrives(installation, STUDENT)
    for path in (r"/courses/\d+\?", r"/checkins/\d+\?"):
        besides.clear()
        page = student.goes_to(path)
        assert page.status_code == 200 and reads(besides) == []
    student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    besides.clear()
    thanks = student.walker.get(str(student.page.url))
    assert "Thank you" in thanks.text and reads(besides) == []
