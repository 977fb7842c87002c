"""The check-in form in Flask and SQLModel: signed-cookie sessions, one ORM session a request."""

import os
import secrets
import sqlite3
from datetime import UTC, datetime

from emotions import EMOTIONS
from flask import Flask, abort, redirect, request, session, url_for
from sqlalchemy import Connection, Engine, UniqueConstraint, event
from sqlmodel import Field, Session, SQLModel, create_engine, select
from werkzeug.wrappers import Response


class Person(SQLModel, table=True):
    """A student."""

    id: int | None = Field(default=None, primary_key=True)
    name: str


class Checkin(SQLModel, table=True):
    """A question that is open until `closed_at`."""

    id: int | None = Field(default=None, primary_key=True)
    question: str
    closed_at: datetime | None = None


class Answer(SQLModel, table=True):
    """One person's named answer; a later one takes its place."""

    __table_args__ = (UniqueConstraint("checkin_id", "person_id"),)
    id: int | None = Field(default=None, primary_key=True)
    checkin_id: int = Field(foreign_key="checkin.id")
    person_id: int = Field(foreign_key="person.id")
    emotion: str
    answered_at: datetime


def durable_engine(url: str) -> Engine:
    """SQLite in WAL with full flushes and immediate transactions, so that writers wait in turn; or PostgreSQL."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def set_up(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=20000", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
engine = durable_engine(os.environ["DATABASE_URL"])
SQLModel.metadata.create_all(engine)


@app.post("/sign-in")
def sign_in() -> tuple[str, int]:
    """Makes the person and signs them in; stands for a launch, never timed."""
    with Session(engine) as db:
        person = Person(name=request.form["name"])
        db.add(person)
        db.commit()
        session["person_id"] = person.id
    return "", 204


@app.post("/checkins")
def create_checkin() -> tuple[str, int]:
    """Asks a question; never timed."""
    with Session(engine) as db:
        checkin = Checkin(question="How are you?")
        db.add(checkin)
        db.commit()
        return str(checkin.id), 201


@app.post("/checkins/<int:checkin_id>/answers")
def answer(checkin_id: int) -> Response:
    """Gives or changes the answer of whoever is signed in."""
    emotion = request.form.get("emotion")
    if emotion not in EMOTIONS:
        abort(422)
    with Session(engine) as db:
        person = db.get(Person, session.get("person_id", 0)) or abort(401)
        checkin = db.get(Checkin, checkin_id)
        if checkin is None or checkin.closed_at:
            abort(404)
        mine = db.exec(select(Answer).where(Answer.checkin_id == checkin_id, Answer.person_id == person.id)).first()
        now = datetime.now(UTC)
        if mine is None:
            mine = Answer(checkin_id=checkin_id, person_id=person.id, emotion=emotion, answered_at=now)
        mine.emotion, mine.answered_at = emotion, now
        db.add(mine)
        db.commit()
    return redirect(url_for("show", checkin_id=checkin_id), 303)


@app.get("/checkins/<int:checkin_id>")
def show(checkin_id: int) -> str:
    """Where an answer leads."""
    return f"Thank you for your answer to check-in {checkin_id}."
