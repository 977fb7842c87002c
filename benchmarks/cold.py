"""Cold start, memory, and what a student's browser fetches: Reflect beside frameworks that do less."""

import gzip
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from benchmarks.answer_contenders import django_environment
from benchmarks.browser import Tool, get, sign_in
from benchmarks.databases import SQLITE
from benchmarks.generator import drive
from benchmarks.lms import Person
from benchmarks.reflect_tool import Course, install, serving_reflect, surroundings
from benchmarks.rounds import Sample, Samples, Turn, spread, take_turns
from benchmarks.sections import Section, controlled
from benchmarks.servers import Server, free_port
from benchmarks.workplace import Workplace

MOST_ROUNDS = 5
AT_ONCE, ANSWERING = 32, 300
"""The load under which memory is looked at."""
Start = Callable[[], AbstractContextManager[Server]]


@dataclass(frozen=True)
class Contender:
    """A server that can be started, and the page that says 200 (or any status, for those without such a page)."""

    start: Start
    path: str
    launches: Callable[[int], Tool] | None = None


def run(workplace: Workplace, rounds: int, requests: int | None, peers_only: bool) -> Iterator[Section]:
    """Start and first launch of everybody, then Reflect's memory with one worker and four, then its page."""
    contenders = {**({} if peers_only else _ours(workplace)), **_peers(workplace)}
    turns = {name: _turn(workplace, contender) for name, contender in contenders.items()}
    subject, turn = next(iter(turns.items()))
    turn()  # what the disk's cache has to learn is learnt
    section = controlled("cold start", subject, turn, turn, min(rounds, MOST_ROUNDS))
    if not section.thrown_away:
        section = replace(section, table=_started(take_turns(turns, min(rounds, MOST_ROUNDS))))
    yield section
    if not peers_only:
        yield _memory(replace(section, name="memory of `serve`, SQLite"), workplace, requests or ANSWERING)
        yield _page(replace(section, name="a student's page, nothing in the browser's cache"), workplace)


def _ours(workplace: Workplace) -> dict[str, Contender]:
    env = surroundings(workplace, workplace.new_database(SQLITE))
    install(workplace, env)
    return {
        "Reflect": Contender(
            lambda: serving_reflect(workplace, env),
            "/health/live",
            lambda port: Tool(port, "/lti/login", "/lti/launch"),
        )
    }


def _peers(workplace: Workplace) -> dict[str, Contender]:
    django = workplace.new_database(SQLITE)
    flask = {"DATABASE_URL": workplace.new_database(SQLITE).sqlalchemy_url}
    of_django = django_environment(workplace, django)

    def gunicorn(application: str, env: Mapping[str, str]) -> Start:
        return lambda: workplace.gunicorn(application, free_port(), env)

    return {
        "Django + ORM": Contender(gunicorn("django.core.wsgi:get_wsgi_application()", of_django), "/"),
        "Flask + SQLModel": Contender(gunicorn("flask_form:app", flask), "/"),
        "PyLTI1p3 + Flask": Contender(
            gunicorn("pylti1p3_flask:app", workplace.lti_environment()),
            "/",
            lambda port: Tool(port, "/login", "/launch"),
        ),
    }


def _turn(workplace: Workplace, contender: Contender) -> Turn:
    """One start: milliseconds until the first answer and the first launch, and megabytes after it."""

    def turn() -> Samples:
        began = time.perf_counter()
        with contender.start() as server:
            page = get(f"localhost:{server.port}", contender.path, {})
            while drive(server.port, [page], 1).replies[0].status == 0:
                pass
            first, launched = time.perf_counter() - began, 0.0
            if contender.launches:
                sign_in(contender.launches(server.port), workplace.lms, [Person(1)])
                launched = time.perf_counter() - began
            time.sleep(0.5)
            cpu = server.cpu_seconds()
            memory = {kind: server.memory_mb(kind) for kind in ("Rss", "Pss")}
        as_sample = {"launch": launched, "rss": memory["Rss"] / 1000, "pss": memory["Pss"] / 1000, "first": first}
        return {
            name: Sample(1 / value if value else 0.0, cpu * 1e6, value * 1000, value * 1000, value * 1000)
            for name, value in as_sample.items()
        }

    return turn


def _started(taken: Mapping[str, Sequence[Samples]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("server, one worker, SQLite", "first answer ms", "first launch ms", "CPU ms", "RSS MB", "PSS MB")
    ]
    for name, samples in taken.items():
        first, launch, rss, pss = (
            spread([sample[phase].p50_ms for sample in samples]) for phase in ("first", "launch", "rss", "pss")
        )
        cpu = spread([sample["first"].cpu_us / 1000 for sample in samples])
        launched = f"{launch.median:.0f} ({launch.low:.0f}–{launch.high:.0f})" if launch.median else "–"
        rows.append(
            (
                name,
                f"{first.median:.0f} ({first.low:.0f}–{first.high:.0f})",
                launched,
                *(f"{figure.median:.0f}" for figure in (cpu, rss, pss)),
            )
        )
    return rows


def _memory(section: Section, workplace: Workplace, students: int) -> Section:
    rows: list[tuple[str, ...]] = [
        ("workers", "RSS at rest MB", "PSS at rest MB", "RSS under load MB", "PSS under load MB", "PSS after MB")
    ]
    for workers in (1, 4):
        env = surroundings(workplace, workplace.new_database(SQLITE))
        install(workplace, env)
        with serving_reflect(workplace, env, workers) as server:
            tool = Tool(server.port, "/lti/login", "/lti/launch")
            course = Course(tool, workplace.lms)
            rest = _at_rest(server)
            people = course.students(students)
            checkin = course.new_checkin()
            pages = [get(tool.host, person.location, person.cookies) for person in people]
            answers = [course.answer(checkin, person, "calm") for person in people]
            drive(server.port, pages + answers, AT_ONCE)
            loaded = [server.memory_mb(kind) for kind in ("Rss", "Pss")]
            time.sleep(3)
            after = server.memory_mb("Pss")
        rows.append((str(workers), *(f"{figure:.0f}" for figure in (*rest, *loaded, after))))
    remark = f"Load: {students} launches, pages and answers, {AT_ONCE} at once."
    return replace(section, table=rows, remarks=[remark])


def _at_rest(server: Server) -> list[float]:
    """Its memory once that does not grow any more: workers start one after the other."""
    before, now = 0.0, server.memory_mb()
    while now > before * 1.01:
        time.sleep(2)
        before, now = now, server.memory_mb()
    return [server.memory_mb("Rss"), now]


def _page(section: Section, workplace: Workplace) -> Section:
    env = surroundings(workplace, workplace.new_database(SQLITE))
    install(workplace, env)
    with serving_reflect(workplace, env) as server:
        course = Course(Tool(server.port, "/lti/login", "/lti/launch"), workplace.lms)
        course.new_checkin()
        (student,) = course.students(1)
        host, squeezed = course.tool.host, ("Accept-Encoding: gzip, deflate, br, zstd",)
        page = drive(server.port, [get(host, student.location, student.cookies, squeezed)], 1).replies[0]
        html = gzip.decompress(page.body) if page.header("content-encoding") == ["gzip"] else page.body
        found = re.findall(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="(/[^"]+)"', html.decode())
        files = [get(host, path, student.cookies, squeezed) for path in dict.fromkeys(found)]
        replies = drive(server.port, files, 1).replies
    rows = [("what", "bytes on the wire, head included")]
    sizes = [len(reply.head) + len(reply.body) for reply in (page, *replies)]
    rows += [(name, f"{size:,}") for name, size in zip(["the page", *dict.fromkeys(found)], sizes, strict=True)]
    wrong = {f"file got {reply.status}": 1 for reply in (page, *replies) if reply.status != 200}
    remark = f"{1 + len(replies)} requests, {sum(sizes):,} bytes."
    return replace(section, table=rows, remarks=[remark], faults=wrong)
