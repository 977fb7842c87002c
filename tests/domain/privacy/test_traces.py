"""What lies in the files themselves: raw pages, the write-ahead log, the places of rows.

The attacker knows the exact order in which students answered, and holds copies of the files of every moment. So two
classes that differ only in what cannot be read (who answered what, and what is not released) must leave files that are
the same byte for byte, but for the random bytes of the seals.
"""

import random
import shutil
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from reflect.domain.emotions import EMOTIONS
from reflect.domain.privacy.sealing import CONTENT_SIZE, Content, Sealer
from reflect.keyring import Keyring
from reflect.storage.answers import SealedAnswer
from reflect.storage.database import Database
from tests.classroom import Classroom, classroom

LONG_KEYS = sorted(key for key in EMOTIONS if len(key) >= 8)
"""Long enough to be in random bytes by chance once in 10 to the 13."""
WAL_HEADER, FRAME_HEADER = 32, 24

World = Sequence[str]

SAME_TO_ANY_READER: dict[str, tuple[World, World]] = {
    "who answered what within a batch": (
        ("calm", "calm", "happy", "tired", "tired", "calm"),
        ("tired", "happy", "calm", "tired", "calm", "calm"),
    ),
    "everyone, or all but two": (("calm",) * 5 + ("tired",), ("calm", "happy", "calm", "tired", "calm", "calm")),
    "two batches": (("calm",) * 5 + ("tired",) * 6, ("calm", "happy", "calm", "happy", "calm") + ("tired",) * 5 + ("calm",)),
    "what is never released": (("calm",) * 7, ("calm",) * 5 + ("tired", "happy")),
}  # fmt: skip


class RememberingSealer(Sealer):
    """A sealer that remembers its seals, to know them again in a file."""

    def __init__(self) -> None:
        super().__init__(Keyring("a secret for tests that is long enough to be one"))
        self.seals: list[bytes] = []

    def seal(self, checkin_id: int, content: Content, size: int = CONTENT_SIZE) -> bytes:
        """Seal, and remember."""
        self.seals.append(super().seal(checkin_id, content, size))
        return self.seals[-1]


@dataclass
class Files:
    """A SQLite database and what an attacker may copy of it."""

    folder: Path
    sealer: RememberingSealer = field(default_factory=RememberingSealer)

    @property
    def main(self) -> Path:
        """The database file."""
        return self.folder / "reflect.db"

    @property
    def raw(self) -> bytes:
        """The file with its write-ahead log."""
        log = self.main.with_name("reflect.db-wal")
        return self.main.read_bytes() + (log.read_bytes() if log.exists() else b"")

    def pages(self) -> list[bytes]:
        """The pages of file and log without seals, and without the log's random salts and the checksums over them."""
        raw, size = self.raw, len(self.main.read_bytes())
        for seal in self.sealer.seals:
            raw = without(raw, seal)
        file, log = raw[:size], raw[size + WAL_HEADER :]
        page_size = int.from_bytes(file[16:18], "big")
        frames = [log[at : at + FRAME_HEADER + page_size] for at in range(0, len(log), FRAME_HEADER + page_size)]
        return [file, *(frame[:8] + frame[FRAME_HEADER:] for frame in frames)]


def without(raw: bytes, seal: bytes) -> bytes:
    """The bytes without a seal, which may lie in several pages: always the longest beginning of what is left of it."""
    while len(seal) > 8 and seal[:8] in raw:
        length = bisect_left(range(1, len(seal) + 1), True, key=lambda size: seal[:size] not in raw)
        raw, seal = raw.replace(seal[:length], bytes(length)), seal[length:]
    return raw


@contextmanager
def opened(folder: Path, template: Path, size: int) -> Iterator[tuple[Files, Classroom]]:
    """A classroom in a database file of its own."""
    folder.mkdir()
    files = Files(folder)
    shutil.copy(template, files.main)
    database = Database(f"sqlite:///{files.main}")
    yield files, replace(classroom(database, size), sealer=files.sealer)
    database.close()


def history(
    folder: Path, template: Path, world: World, release: str, monkeypatch: pytest.MonkeyPatch
) -> list[list[bytes]]:
    """The attacker's copies: after every answer, after the close, and after the server has ended."""
    chance = random.Random(7)
    with monkeypatch.context() as patched:
        patched.setattr("secrets.token_bytes", lambda size=32: chance.randbytes(size))
        patched.setattr("secrets.choice", min)
        copies = []
        with opened(folder, template, len(world)) as (files, room):
            checkin_id = room.open(release=release, k=5)
            copies.append(files.pages())
            for student, emotion in zip(room.students, world, strict=True):
                room.answer(student, checkin_id, emotion)
                copies.append(files.pages())
            room.close(checkin_id)
            copies.append(files.pages())
        return [*copies, [files.main.read_bytes()]]


@pytest.mark.parametrize("release", ["in_steps", "at_close"])
@pytest.mark.parametrize("difference", SAME_TO_ANY_READER)
def test_worlds_that_read_the_same_leave_the_same_bytes_in_sqlite(
    difference: str, release: str, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = SAME_TO_ANY_READER[difference]
    if release == "at_close" and difference in {"two batches", "what is never released"}:
        return
    first = history(tmp_path / "one", sqlite_template, one, release, monkeypatch)
    second = history(tmp_path / "other", sqlite_template, other, release, monkeypatch)
    assert len(first) == len(second) == len(one) + 3
    for moment, (mine, theirs) in enumerate(zip(first, second, strict=True)):
        assert mine == theirs, f"the copies differ after step {moment}"


def test_nothing_in_the_sqlite_files_says_a_feeling_before_its_release(tmp_path: Path, sqlite_template: Path) -> None:
    with opened(tmp_path / "files", sqlite_template, len(LONG_KEYS)) as (files, room):
        checkin_id = room.open(k=50)
        for student, emotion in zip(room.students, LONG_KEYS, strict=True):
            room.answer(student, checkin_id, "confused")
            assert b"confused" not in files.raw
            assert emotion.encode() not in files.raw
        room.close(checkin_id)
        assert b"confused" not in files.raw
    assert b"confused" not in files.raw


@pytest.mark.parametrize("k", [5, 50])
def test_no_seal_is_left_in_the_sqlite_file_after_the_close(k: int, tmp_path: Path, sqlite_template: Path) -> None:
    size = 49
    with opened(tmp_path / "files", sqlite_template, size) as (files, room):
        checkin_id = room.open(k=k)
        for student in room.students:
            room.answer(student, checkin_id, "calm")
        assert any(piece in files.raw for piece in pieces(files.sealer.seals))
        room.close(checkin_id)
        assert len(files.sealer.seals) == size
    raw = files.raw
    assert not [piece for piece in pieces(files.sealer.seals) if piece in raw]


def pieces(seals: Sequence[bytes]) -> list[bytes]:
    """Parts of seals, to find even what is left of one."""
    return [seal[at : at + 12] for seal in seals for at in range(0, len(seal), 12)]


def test_seals_of_a_step_are_gone_with_it(tmp_path: Path, sqlite_template: Path) -> None:
    with opened(tmp_path / "files", sqlite_template, 11) as (files, room):
        checkin_id = room.open(release="in_steps", k=5)
        for student in room.students:
            room.answer(student, checkin_id, "calm")
    raw, released, waiting = files.raw, files.sealer.seals[:10], files.sealer.seals[10:]
    assert not [piece for piece in pieces(released) if piece in raw]
    assert waiting[0] in raw


def test_row_keys_of_seals_are_random(database: Database) -> None:
    room = classroom(database, 8)
    checkin_id = room.open(k=50)
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    rows = database.read_now(lambda db: db.exec(select(SealedAnswer)).all())
    keys = [bytes(row.random_key) for row in rows]
    assert len(set(keys)) == len({bytes(row.seal) for row in rows}) == 8
    assert len({key[:4] for key in keys}) == 8
    assert {(len(key), len(row.seal)) for key, row in zip(keys, rows, strict=True)} == {(16, 12 + CONTENT_SIZE + 16)}


def heap(database: Database) -> list[tuple[object, ...]]:
    """Every row of PostgreSQL's anonymous tables with its place and the rank of its transaction; seals masked."""
    columns = {
        "participation": "checkin_id, person_id",
        "sealed_answer": "checkin_id, length(random_key), length(seal)",
        "tally": "course_id, checkin_id, on_day, choice, count",
        "checkin": "id, version, withheld, closed_at",
    }
    parts = [
        f"SELECT '{table}' AS t, ctid::text AS at, xmin::text::bigint AS x, ROW({names})::text FROM {table}"
        for table, names in columns.items()
    ]
    ranked = (
        f"SELECT t, at, dense_rank() OVER (ORDER BY x), row FROM ({' UNION ALL '.join(parts)}) AS rows ORDER BY 1, 2"
    )
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(ranked))]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.parametrize("difference", SAME_TO_ANY_READER)
def test_worlds_that_read_the_same_lie_the_same_way_in_postgresql(
    difference: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.choice", min)
    seen = []
    for world in SAME_TO_ANY_READER[difference]:
        for table in ("registration", "tally", "participation", "sealed_answer", "checkin"):
            with database.engine.begin() as connection:
                connection.execute(text(f"TRUNCATE {table} RESTART IDENTITY CASCADE"))
        room = classroom(database, len(world))
        checkin_id, copies = room.open(release="in_steps", k=5), []
        for student, emotion in zip(room.students, world, strict=True):
            room.answer(student, checkin_id, emotion)
            copies.append(heap(database))
        room.close(checkin_id)
        seen.append([*copies, heap(database)])
    assert seen[0] == seen[1]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_nothing_in_postgresqls_heap_says_a_feeling_before_its_release(database: Database) -> None:
    room = classroom(database, 6)
    checkin_id = room.open(k=50)
    for student in room.students:
        room.answer(student, checkin_id, "frustrated")
    room.close(checkin_id)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            pytest.skip("only a superuser may read raw files")
        connection.execute(text("CHECKPOINT"))
        oids = connection.scalars(text("SELECT oid FROM pg_class WHERE relkind IN ('r', 'i', 't') AND oid >= 16384"))
        raw = [connection.scalar(text(f"SELECT pg_read_binary_file(pg_relation_filepath({oid}))")) for oid in oids]
    assert b"frustrated" not in b"".join(map(bytes, raw))
    assert b"What is on your mind?" in b"".join(map(bytes, raw))
