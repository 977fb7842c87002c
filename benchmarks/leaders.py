"""Leaders: the pages of a school's large year beside those of ten thousand answers, and beside a GROUP BY."""

import html
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import NullPool, create_engine, text

from benchmarks import schools
from benchmarks.browser import cookies_set, get, post
from benchmarks.databases import POSTGRESQL, SQLITE, Database
from benchmarks.generator import Reply, drive
from benchmarks.reflect_tool import command, install, serving_reflect, surroundings
from benchmarks.rounds import Sample, Samples, Turn, timed, warmed_up
from benchmarks.sections import Goal, Section, measured, p50_ms
from benchmarks.servers import Server
from benchmarks.workplace import Workplace

FEW = 10_000
LARGE, SMALL, GROUP_BY = "Reflect, a large year", "Reflect, 10⁴ answers", "GROUP BY over the large year"
REQUESTS = 60
PAGES = {
    "courses": "/admin/insights/courses",
    "course": "/admin/insights/courses/1",
    "overview": "/admin/insights",
}
GOALS = (
    Goal("overview", "time, GROUP BY", GROUP_BY, LARGE, p50_ms, floor=100, moonshot=400),
    Goal("overview", "time, large against 10⁴", LARGE, SMALL, p50_ms, floor=1.3, moonshot=1.2),
)


@dataclass(frozen=True)
class Leading:
    """A running Reflect with a leader signed in."""

    server: Server
    cookies: dict[str, str]

    def turn(self, requests: int) -> Turn:
        """Each page so many times, one after the other."""
        return lambda: {name: self._phase(path, requests) for name, path in PAGES.items()}

    def _phase(self, path: str, requests: int) -> Sample:
        wanted = get(f"localhost:{self.server.port}", path, self.cookies)
        return timed(self.server, [wanted] * requests, 1, _fault)[1]


def run(workplace: Workplace, rounds: int, requests: int | None, peers_only: bool) -> Iterator[Section]:
    """The leader's pages on both databases."""
    if peers_only:
        return
    for kind in (SQLITE, POSTGRESQL):
        with ExitStack() as stack:
            large, small = _school(workplace, kind, workplace.largest), _school(workplace, kind, FEW)
            running = {
                LARGE: stack.enter_context(_leading(workplace, *large)),
                SMALL: stack.enter_context(_leading(workplace, *small)),
            }
            twin = stack.enter_context(_leading(workplace, *large))
            turns = {name: it.turn(requests or REQUESTS) for name, it in running.items()}
            for name, it in running.items():
                warmed_up(it.server, turns[name])
            again = twin.turn(requests or REQUESTS)
            warmed_up(twin.server, again)
            turns[GROUP_BY] = _group_by(large[0])
            yield measured(f"leaders on {kind}", turns, again, rounds, GOALS)


def _school(workplace: Workplace, kind: str, answers: int) -> tuple[Database, dict[str, str]]:
    database = workplace.new_database(kind)
    env = dict(surroundings(workplace, database))
    install(workplace, env)
    schools.fill(database, answers)
    return database, env


@contextmanager
def _leading(workplace: Workplace, database: Database, env: dict[str, str]) -> Iterator[Leading]:
    """A server on a filled database; a second one on the same has a port of its own and the same secret."""
    own = {**surroundings(workplace, database), "REFLECT_SECRET_KEY": env["REFLECT_SECRET_KEY"]}
    address = urlsplit(command(workplace, own, "admin", "invite", "leader@school.example", "--leader").strip())
    with serving_reflect(workplace, own) as server:
        host = f"localhost:{server.port}"
        opened = _only(server, get(host, f"{address.path}?{address.query}", {})).body.decode()
        found = re.search(r'name="invitation" value="([^"]+)"', opened)
        assert found, opened[:1000]
        fields = {"invitation": html.unescape(found[1])}
        signed_in = _only(server, post(host, "/admin/sessions", fields, {}, "same-origin"))
        assert signed_in.status == 303, signed_in
        yield Leading(server, cookies_set(signed_in))


def _only(server: Server, request: bytes) -> Reply:
    return drive(server.port, [request], 1).replies[0]


def _fault(_index: int, reply: Reply) -> str | None:
    is_right = reply.status == 200 and (b"<svg" in reply.body or b'class="rows"' in reply.body)
    return None if is_right else f"page answered {reply.status}"


def _group_by(database: Database) -> Turn:
    """The same figures counted from the answers themselves, once a turn."""
    engine = create_engine(database.sqlalchemy_url, poolclass=NullPool)

    def turn() -> Samples:
        began = time.perf_counter()
        with engine.connect() as connection:
            rows = connection.execute(text(schools.GROUP_BY)).all()
        seconds = time.perf_counter() - began
        faults = {} if len(rows) == 3 * schools.WEEKS else {"rows": len(rows)}
        ms = seconds * 1000
        return {"overview": Sample(1 / seconds, seconds * 1e6, ms, ms, ms, faults)}

    return turn
