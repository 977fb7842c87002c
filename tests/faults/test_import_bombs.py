"""Files that are small to send and large to read, nested without end, or of another kind: refused in one line, and a
million rows of one person are held as one."""

import gzip
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from reflect.cli.imports import FAULTS
from reflect.domain import import_files
from reflect.domain.refusals import ImportRefused
from reflect.storage.answers import Answer
from reflect.storage.database import Database
from tests.classroom import classroom
from tests.cli.running import Shell
from tests.conftest import fresh_database
from tests.domain.test_imports import row

MEGABYTES, ROWS = 10, 4000
MOST_HELD = 4_000_000
"""Bytes of Python's that reading may hold at its peak."""


def zipped() -> bytes:
    """A workbook that is none, a thousand times as large inside."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 5_000_000)
    return file.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "nested lists": lambda: b"[" * MEGABYTES * 1_000_000,
    "nested objects": lambda: b'{"a":' * (MEGABYTES * 200_000),
    "nested deep in a row": lambda: b'{"checkInId":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a line without end": lambda: b"checkInId,classId,submitDateTime\n" + b"x" * MEGABYTES * 1_000_000,
    "a quoted field without end": lambda: b'checkInId,classId,submitDateTime\n"' + b"x\n" * (MEGABYTES * 500_000),
    "a text without end": lambda: b'{"checkInId":"' + b"x" * MEGABYTES * 1_000_000,
    "a number without end": lambda: b'[{"checkInId":' + b"9" * MEGABYTES * 1_000_000,
    "blanks without end": lambda: b" \n" * (MEGABYTES * 500_000) + b"x",
    "gzip": lambda: gzip.compress(b"[" * 50_000_000, 9),
    "a workbook": zipped,
    "nothing but zeros": lambda: b"\0" * MEGABYTES * 1_000_000,
}


@contextmanager
def measured(most_held: int) -> Iterator[None]:
    """What is done inside holds no more than so many bytes at its peak."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most_held
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_the_memory_of_a_row(tmp_path: Path, bomb: str) -> None:
    path = tmp_path / "history"
    path.write_bytes(BOMBS[bomb]())
    with path.open("rb") as file, measured(MOST_HELD):
        with pytest.raises(ImportRefused) as refused:
            for _ in import_files.records(file):
                pass
        assert refused.value.code in FAULTS


def test_the_command_tells_in_one_line_and_keeps_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    shell, database = installation(tmp_path, request)
    for bomb in ("gzip", "a workbook"):
        path = tmp_path / f"{bomb}.xlsx"
        path.write_bytes(BOMBS[bomb]())
        result = shell.run("import", str(path))
        assert result.exit_code == 1 and "Traceback" not in result.output
        assert path.name in result.output and len(result.output.strip().splitlines()) == 1
    assert database.read_now(answers) == 0


def test_ever_so_many_rows_of_one_person_are_one_answer(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    shell, database = installation(tmp_path, request)
    path, one = tmp_path / "history.jsonl", json.dumps(row("ann"))
    path.write_text(f"{one}\n" * ROWS)
    with measured(MOST_HELD):
        told = shell.said("import", str(path))
    assert (told["rows"], told["imported"], told["already_there"]) == (ROWS, 1, ROWS - 1)
    assert database.read_now(answers) == 1


def installation(folder: Path, request: pytest.FixtureRequest) -> tuple[Shell, Database]:
    """A shell and a database with a course."""
    url = fresh_database("sqlite", folder, request)
    database = Database(url)
    request.addfinalizer(database.close)
    classroom(database, 1)
    return Shell({"REFLECT_DATABASE_URL": url, "REFLECT_SECRET_KEY": "s" * 40}), database


def answers(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(Answer)) or 0
