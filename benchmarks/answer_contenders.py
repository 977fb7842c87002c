"""The forms whose answers are compared, each started afresh on an empty database, with its students signed in."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.browser import cookies_set, post
from benchmarks.databases import Database
from benchmarks.generator import Reply, drive
from benchmarks.reflect_tool import Course, running_reflect
from benchmarks.servers import Server, free_port
from benchmarks.workplace import PEERS, Workplace

NOBODY: dict[str, str] = {}


@dataclass(frozen=True)
class AnswerContender:
    """A running form."""

    server: Server
    database: Database
    new_checkin: Callable[[], str]
    """Asks a new question and gives the path of its check-in."""
    answer: Callable[[str, int, str], bytes]
    """The request by which student number so-and-so answers that check-in with a choice."""


@contextmanager
def reflect(workplace: Workplace, kind: str, students: int) -> Iterator[AnswerContender]:
    """Reflect, with students who came by launches."""
    database = workplace.new_database(kind)
    with running_reflect(workplace, database) as (server, tool):
        course = Course(tool, workplace.lms)
        people = course.students(students)
        yield AnswerContender(
            server,
            database,
            course.new_checkin,
            lambda checkin, number, choice: course.answer(checkin, people[number], choice),
        )


@contextmanager
def flask(workplace: Workplace, kind: str, students: int) -> Iterator[AnswerContender]:
    """Flask with SQLModel."""
    database = workplace.new_database(kind)
    port = free_port()
    with workplace.gunicorn("flask_form:app", port, {"DATABASE_URL": database.sqlalchemy_url}) as server:
        yield _peer(server, database, students)


@contextmanager
def django(workplace: Workplace, kind: str, students: int) -> Iterator[AnswerContender]:
    """Django with its ORM."""
    database = workplace.new_database(kind)
    env = django_environment(workplace, database)
    port = free_port()
    with workplace.gunicorn("django.core.wsgi:get_wsgi_application()", port, env) as server:
        yield _peer(server, database, students)


def django_environment(workplace: Workplace, database: Database) -> Mapping[str, str]:
    """How the Django form finds its database, whose tables are made."""
    env = {
        "DJANGO_SETTINGS_MODULE": "django_form.settings",
        "DATABASE_NAME": database.name,
        **workplace.postgres_environment(),
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
    for command in (migrate, [*migrate, "--run-syncdb"]):
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(PEERS), **env})
    return env


def _peer(server: Server, database: Database, students: int) -> AnswerContender:
    """A form peer, whose students sign in by name; where it protects its form by a token, they send that too."""
    host = f"localhost:{server.port}"
    names = [{"name": f"Sample Person {number}"} for number in range(students)]
    replies = drive(server.port, [post(host, "/sign-in", name, NOBODY, "same-origin") for name in names], 4).replies
    cookies = [cookies_set(reply) for reply in replies]

    def new_checkin() -> str:
        reply = drive(server.port, [post(host, "/checkins", {}, NOBODY, "same-origin")], 1).replies[0]
        return f"/checkins/{int(reply.body)}"

    def answer(checkin: str, number: int, choice: str) -> bytes:
        mine = cookies[number]
        token = {"csrfmiddlewaretoken": mine["csrftoken"]} if "csrftoken" in mine else {}
        return post(host, f"{checkin}/answers", {"emotion": choice, **token}, mine, "same-origin")

    return AnswerContender(server, database, new_checkin, answer)


def is_right(reply: Reply, checkin: str) -> bool:
    """Whether an answer was taken: a redirect to a page of that very check-in."""
    location = (reply.header("location") or [""])[0]
    return reply.status in {302, 303} and re.search(rf"{re.escape(checkin)}(?![\w-])", location) is not None
