"""Two workers on one PostgreSQL, of whom one is in the midst of a transaction when the other comes."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from reflect.storage.database import Database

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")
Job = Callable[[Session], Any]


def one_behind_another(here: Database, there: Database, first: Job, second: Job) -> Any:
    """What becomes of the second job, which begins when the first is done but not committed; it is committed as soon
    as the second has come to wait for it, or is done."""

    def work(db: Session) -> "Future[Any]":
        first(db)
        behind = elsewhere.submit(there.write_now, second)
        while not behind.done() and not here.read_now(lambda it: it.execute(WAITING).scalar_one()):
            time.sleep(0.005)
        return behind

    with ThreadPoolExecutor(1) as elsewhere:
        return here.write_now(work).result(10)
