import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, text
from sqlalchemy.exc import IntegrityError

from reflect.domain import guests as domain_guests
from reflect.domain.privacy.sealing import Content
from reflect.storage import guests
from reflect.storage.database import Database, open_engine
from reflect.storage.revisions import REVISIONS
from reflect.storage.schema import METADATA, config, is_current, migrate
from reflect.storage.tables import UNORDERED
from tests.classroom import NOW, SEALER, classroom
from tests.databases import created
from tests.storage.processes import finish, start

ANONYMOUS = {
    "participation",
    "released_text",
    "sealed_answer",
    "tally",
    "guest_text",
    "sealed_guest_answer",
    "guest_tally",
}


@pytest.fixture
def empty_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database without any table."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    databases = request.getfixturevalue("postgres")
    return f"{databases.address}/{created(databases.address)}"


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = open_engine(empty_url)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_an_upgraded_empty_database_is_what_the_models_say(empty: Engine) -> None:
    assert differences(empty)
    migrate(empty)
    assert differences(empty) == []


def test_migrating_again_changes_nothing(empty: Engine) -> None:
    migrate(empty)
    migrate(empty)
    assert differences(empty) == []


def test_the_revisions_are_those_that_alembic_finds_in_its_order() -> None:
    scripts = ScriptDirectory.from_config(config())
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS
    assert scripts.get_heads() == [REVISIONS[-1]]


def test_a_database_is_current_only_at_the_newest_revision(empty: Engine) -> None:
    assert not is_current(empty)
    migrate(empty)
    assert is_current(empty)
    command.downgrade(config(empty), "-1")
    assert not is_current(empty)


def test_each_revision_can_be_gone_back_from_and_up_to_again(empty: Engine) -> None:
    migrate(empty)
    command.downgrade(config(empty), "base")
    assert tables(empty) == set()
    for revision in reversed(list(ScriptDirectory.from_config(config()).walk_revisions())):
        command.upgrade(config(empty), revision.revision)
    assert differences(empty) == []


def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1


def test_processes_that_migrate_at_once_wait_for_each_other(empty: Engine, empty_url: str) -> None:
    for process in [start("migrate", empty_url) for _ in range(2)]:
        finish(process)
    assert is_current(empty)
    assert differences(empty) == []


def test_a_migration_keeps_what_is_there(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm")
    migrate(database.engine)
    assert room.for_staff(checkin_id).answered == 1


def test_guests_of_what_was_never_opened_by_an_address_came_by_launches(database: Database) -> None:
    room = classroom(database, 1)
    never, opened = room.open("anonymous"), room.open("anonymous")
    code = database.write_now(lambda db: domain_guests.open_to_guests(db, room.teacher, opened, 9, NOW))
    database.write_now(lambda db: domain_guests.answer(db, code, Content("calm"), SEALER))
    room.answer(room.nobody(), never, "calm")
    command.downgrade(config(database.engine), "0022")
    migrate(database.engine)
    found = [database.read_now(lambda db, it=it: guests.find(db, it)) for it in (never, opened)]  # type: ignore[misc]
    assert [(row.answered, row.launched) for row in found] == [(1, 1), (1, 0)]


REBUILD = """
from alembic import op

revision, down_revision = "rebuilt", {head!r}


def upgrade():
    for name in ("course", "checkin", "person"):
        with op.batch_alter_table(name, recreate="always"):
            pass
"""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_migration_that_rebuilds_a_table_loses_nothing_that_hangs_on_it(database: Database, tmp_path: Path) -> None:
    room = classroom(database, 3)
    named, anonymous = room.open("named"), room.open("anonymous")
    for student in room.students:
        room.answer(student, named, "calm")
        room.answer(student, anonymous, "calm")
    before = counted(database.engine)
    settings = config(database.engine)
    folder = tmp_path / "migrations"
    shutil.copytree(settings.get_main_option("script_location") or "", folder)
    head = ScriptDirectory.from_config(settings).get_current_head()
    (folder / "versions" / "rebuilt.py").write_text(REBUILD.format(head=head))
    settings.set_main_option("script_location", str(folder))
    command.upgrade(settings, "rebuilt")
    assert counted(database.engine) == before
    assert room.for_staff(named).answered == room.for_staff(anonymous).answered == 3
    with pytest.raises(IntegrityError):
        database.write_now(lambda db: db.connection().execute(text("INSERT INTO participation VALUES (-1, -1)")))


def counted(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in tables(engine)}


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine that leaves nobody connected."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


def copied(url: str, path: Path) -> str:
    """Copy a database that nobody is connected to; the copy's address. `path` is for SQLite's."""
    address, _, name = url.rpartition("/")
    if not url.startswith("sqlite"):
        return f"{address}/{created(address, name)}"
    shutil.copy(url.removeprefix("sqlite:///"), path)
    return f"sqlite:///{path}"


def test_every_earlier_release_is_upgraded_with_its_data(empty_url: str, tmp_path: Path) -> None:
    revisions = [it.revision for it in ScriptDirectory.from_config(config()).walk_revisions()]
    for revision in reversed(revisions):
        with opened(empty_url) as release:
            command.upgrade(config(release), revision)
        with opened(copied(empty_url, tmp_path / f"{revision}.db")) as engine:
            fill(engine)
            before = counted(engine)
            assert 0 not in before.values()
            migrate(engine)
            after = counted(engine)
            assert {name: after[name] for name in before if name in after} == before
            if revision == revisions[0]:
                command.downgrade(config(engine), "base")
                assert tables(engine) == set()


def fill(engine: Engine) -> None:
    """Put one row into every table, as it is at its revision."""
    found = MetaData()
    found.reflect(engine)
    samples: dict[type, object] = {
        int: 1,
        str: "1",
        bytes: b"1",
        bool: True,
        datetime: NOW.replace(tzinfo=None),
        date: NOW.date(),
        object: ["1", "2"],
    }
    with engine.begin() as connection:
        for table in found.sorted_tables:
            if table.name != "alembic_version":
                values = {column.name: samples[column.type.python_type] for column in table.columns}
                connection.execute(table.insert().values(values))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_tables_that_must_not_remember_when_rows_came_have_no_rowid(empty: Engine) -> None:
    migrate(empty)
    with empty.connect() as connection:
        rows = connection.execute(text("PRAGMA table_list")).mappings().all()
    without_rowid = {row["name"] for row in rows if row["wr"]}
    meant = {table.name for table in METADATA.sorted_tables if table.dialect_options["sqlite"]["with_rowid"] is False}
    assert without_rowid == meant
    assert without_rowid >= ANONYMOUS
    assert UNORDERED == {"sqlite_with_rowid": False}


def test_no_table_of_anonymous_answers_has_a_time_or_a_running_number(empty: Engine) -> None:
    migrate(empty)
    columns = {
        name: {column["name"]: str(column["type"]) for column in inspect(empty).get_columns(name)} for name in ANONYMOUS
    }
    assert columns["participation"].keys() == {"checkin_id", "person_id"}
    assert columns["sealed_answer"].keys() == {"checkin_id", "random_key", "seal"}
    assert columns["released_text"].keys() == {"checkin_id", "random_key", "kind", "text"}
    assert columns["guest_text"].keys() == {"checkin_id", "random_key", "kind", "text"}
    assert columns["tally"].keys() == {"course_id", "checkin_id", "on_day", "choice", "count"}
    assert not [kind for table in columns.values() for kind in table.values() if "TIME" in kind]


def test_every_foreign_key_says_what_deleting_does() -> None:
    silent = [key.parent for table in METADATA.sorted_tables for key in table.foreign_keys if key.ondelete is None]
    assert silent == []


def test_every_constraint_has_a_name_that_a_migration_can_rely_on() -> None:
    unnamed = [
        (table.name, constraint)
        for table in METADATA.sorted_tables
        for constraint in table.constraints
        if not constraint.name
    ]
    assert unnamed == []
