"""Behind PgBouncer in transaction mode: nothing that Reflect does needs a session of its own, or leaves a trace in one."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlmodel import Session

from reflect.storage.checkins import Checkin
from reflect.storage.database import Database, open_engine
from reflect.storage.schema import is_current, migrate
from tests.classroom import classroom
from tests.databases import Databases, connected, created
from tests.installation import installed
from tests.poolers import SESSIONS, pooled
from tests.storage.processes import raise_version
from tests.web.dialogs import STUDENT, TEACHER, Visit, arrives

TRACES = """
SELECT (SELECT count(*) FROM pg_prepared_statements), current_setting('synchronous_commit'),
       current_setting('lock_timeout'), current_setting('default_transaction_isolation')
"""


@pytest.fixture
def pooled_url(postgres: Databases) -> Iterator[str]:
    """An empty database, behind a pooler."""
    name = created(postgres.address)
    with pooled(f"{postgres.address}/{name}") as url:
        yield url
    with connected(postgres.address, "postgres") as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def one(db: Session, query: str) -> object:
    return db.connection().exec_driver_sql(query).one()


def test_a_school_migrates_launches_answers_and_looks_through_a_pooler(pooled_url: str) -> None:
    engine = open_engine(pooled_url)
    before = traces(pooled_url)
    migrate(engine)
    assert is_current(engine)
    engine.dispose()
    with installed(pooled_url) as running:
        teacher, student = arrives(running, TEACHER), arrives(running, STUDENT)
        home = teacher.page
        for anonymity in ("named", "anonymous"):
            teacher.page = home
            number = teacher.asks("How was the bridge?", anonymity=anonymity)
            for choice in ("calm", "sad"):
                student.walker.post(f"/checkins/{number}/answers?{_tab(student)}", {"choice": choice})
            for _ in range(8):  # psycopg prepares what it has said five times
                page = teacher.walker.get(f"/checkins/{number}?{_tab(teacher)}")
                assert 'results-number">1<' in page.text
        _many_at_once(running.database)
    assert traces(pooled_url) == before


def _tab(visit: Visit) -> str:
    return str(visit.page.url).partition("?")[2].partition("&")[0]


def _many_at_once(database: Database) -> None:
    checkin_id = classroom(database, 0).open()
    with ThreadPoolExecutor(8) as threads:
        writes = [threads.submit(database.write_now, lambda db: raise_version(db, checkin_id)) for _ in range(40)]
        reads = [threads.submit(database.read_now, lambda db: db.get_one(Checkin, checkin_id)) for _ in range(40)]
        for it in (*writes, *reads):
            it.result(20)
    assert database.read_now(lambda db: db.get_one(Checkin, checkin_id).version) == 40
    limit = database.write_now(lambda db: db.scalar(text("SHOW lock_timeout")))
    level = database.read_now(lambda db: db.scalar(text("SHOW transaction_isolation")))
    assert (limit, level) == ("10s", "repeatable read")


def traces(url: str) -> object:
    """What is left in the sessions that the pooler keeps, all of them at once."""
    engine, all_there = open_engine(url), threading.Barrier(SESSIONS, timeout=60)

    def look(_: int) -> object:
        with engine.connect() as connection:
            found = connection.execute(text(TRACES)).one()
            all_there.wait()
            return found

    with ThreadPoolExecutor(SESSIONS) as threads:
        found = set(threads.map(look, range(SESSIONS)))
    engine.dispose()
    return found
