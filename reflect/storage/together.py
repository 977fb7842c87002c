"""Several statements in one go: over a network each one by itself would cost a way there and back."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session

from reflect.storage.prepared import DRIVER, TOLD, Question, Sent, Told, is_far, known_fault, result_of, rows_of


def foresee(db: Session, questions: Iterable[Question]) -> None:
    """Ask a database over a network in one go what will be asked of it anyway.

    A hint and no more: what was not foreseen, or of a session that keeps nothing, is asked when it is wanted.
    """
    told: Told | None = db.info.get(TOLD)
    if told is None or not is_far(db):
        return
    new = {question.key: question for question in questions if question.key not in told}
    if new:
        told.update(zip(new, map(rows_of, _sent(db, tuple(new.values()))), strict=True))


def do_all(db: Session, questions: Sequence[Question]) -> list[list[Any] | int]:
    """Do statements none of which needs what another gives, in their order: the rows of each that gives rows, of any
    other how many it touched. A database over a network gets all of them in one go."""
    if is_far(db):
        return [result_of(sent) for sent in _sent(db, questions)]
    # SQLite reads a row when it is asked for, and as it is then: so one is done before the next is sent.
    return [result_of(question.send(db)) for question in questions]


def _sent(db: Session, questions: Sequence[Question]) -> list[Sent]:
    """psycopg sends them all before it waits for the first answer (libpq's pipeline)."""
    driver = db.info[DRIVER]
    try:
        with driver.connection.pipeline():
            return [question.send(db) for question in questions]
    except driver.dialect.loaded_dbapi.Error as error:
        sql = "; ".join(question.sql(driver.dialect) for question in questions)
        raise known_fault(sql, error, driver.dialect) from error
