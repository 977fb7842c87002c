"""Live views: what hundreds and thousands of watching pages cost, and how soon an answer stands on them."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from benchmarks import lines
from benchmarks.browser import SignedIn, Tool, sign_in
from benchmarks.crowds import Class, school
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.generator import Reply, drive
from benchmarks.lines import Line, at
from benchmarks.lms import Person
from benchmarks.reflect_tool import running_reflect
from benchmarks.rounds import Samples, Turn, timed
from benchmarks.rush import quantile
from benchmarks.sections import Section, controlled
from benchmarks.servers import Server
from benchmarks.watching import EVERY, Screen, watching
from benchmarks.workplace import Workplace

PAGES = (500, 5000)
CLASSES = 50
SETTLING, SECONDS = 4.0, 16.0
ANSWERS_A_SECOND = 1
LOOKS = 300
"""In each turn of the control."""
Row = tuple[str, ...]


@dataclass
class Site:
    """A running Reflect whose classes have a question each, and students who have come."""

    server: Server
    tool: Tool
    workplace: Workplace
    classes: list[Class]

    def screens(self, pages: int) -> list[Screen]:
        """So many pages, as many of each class, each of a teacher's session of its own."""
        people = [
            Person(2_000_000 + number, "Instructor", self.classes[number % CLASSES].course.name)
            for number in range(pages)
        ]
        teachers = sign_in(self.tool, self.workplace.lms, people)
        etags = [self._screen(each, each.course.teacher).etag for each in self.classes]
        return [
            self._screen(self.classes[number % CLASSES], teacher, etags[number % CLASSES])
            for number, teacher in enumerate(teachers)
        ]

    def _screen(self, each: Class, teacher: SignedIn, etag: str = "") -> Screen:
        screen = Screen(self.tool.host, self.tool.port, each.asked, teacher, etag=etag)
        if not etag:
            page = drive(self.tool.port, [screen.request(is_first=True)], 1).replies[0]
            screen.etag = page.header("etag")[0]
        return screen


def run(workplace: Workplace, rounds: int, requests: int | None, peers_only: bool) -> Iterator[Section]:
    """One section a database; peers have no such view. `requests` is the number of pages, in place of both."""
    for kind in () if peers_only else (SQLITE, POSTGRESQL):
        with ExitStack() as stack:
            site, twin = (_site(workplace, kind, stack) for _ in range(2))
            section = controlled(f"live views on {kind}", "Reflect", _turn(site), _turn(twin), min(rounds, 5))
            if not section.thrown_away:
                section = _watched(section, site, (requests,) if requests else PAGES)
            yield section


def _site(workplace: Workplace, kind: str, stack: ExitStack) -> Site:
    server, tool = stack.enter_context(running_reflect(workplace, workplace.new_database(kind)))
    classes = school(tool, workplace.lms, CLASSES)
    for each in classes:
        each.ask()
    return Site(server, tool, workplace, classes)


def _turn(site: Site) -> Turn:
    (screen,) = site.screens(1)

    def fault(_index: int, reply: Reply) -> str | None:
        return None if reply.status == 304 else f"live page got {reply.status}"

    def turn() -> Samples:
        return {"look": timed(site.server, [screen.request()] * LOOKS, 16, fault)[1]}

    return turn


def _watched(section: Section, site: Site, sizes: Sequence[int]) -> Section:
    rows: list[Row] = [_HEAD]
    faults: Counter[str] = Counter()
    for pages in sizes:
        for each in site.classes:
            each.ask()
        screens = site.screens(pages)
        people = sign_in(site.tool, site.workplace.lms, _students(site, round(SECONDS * ANSWERS_A_SECOND)))
        rest = site.server.memory_mb("Rss")
        cpu, memory = lines.run(lambda them=screens, who=people: _watch(site, them, who))  # type: ignore[misc]
        rows.append(_row(screens, cpu, rest, memory))
        for screen in screens:
            faults.update(screen.faults)
    return replace(section, table=rows, faults=faults, remarks=[_REMARK])


_HEAD = (
    "pages",
    "server’s core, %",
    "CPU µs a look",
    "MB at rest",
    "MB",
    "look p50 ms",
    "look p99 ms",
    "answer → screen p50 s",
    "answer → screen p99 s",
)
_REMARK = (
    f"{CLASSES} classes; {ANSWERS_A_SECOND} answer a second in all, which every page of its class then fetches;"
    f" pages ask every {EVERY:.0f} s."
)


def _students(site: Site, count: int) -> list[Person]:
    return [Person(3_000_000 + number, course=site.classes[number % CLASSES].course.name) for number in range(count)]


async def _watch(site: Site, screens: Sequence[Screen], people: Sequence[SignedIn]) -> tuple[float, float]:
    """The server's seconds of CPU while pages watch and answers come, and its memory then."""
    over = asyncio.Event()
    tasks = watching(screens, over)
    await asyncio.sleep(SETTLING)
    for screen in screens:
        screen.looks.clear()
    began, cpu = time.perf_counter(), site.server.cpu_seconds()
    for number, person in enumerate(people):
        await at(began + number / ANSWERS_A_SECOND)
        each = site.classes[number % CLASSES]
        each.asked.sent.append(time.perf_counter())
        line = Line(site.tool.port)
        await line.ask(each.course.answer(each.asked.path, person, "calm"))
        line.close()
    await at(began + SECONDS)
    used, memory = site.server.cpu_seconds() - cpu, site.server.memory_mb("Rss")
    await asyncio.sleep(EVERY + 0.5)
    over.set()
    await asyncio.gather(*tasks)
    return used, memory


def _row(screens: Sequence[Screen], cpu: float, rest: float, memory: float) -> Row:
    looks = [look for screen in screens for look in screen.looks]
    delays = [delay for screen in screens for delay in screen.delays]
    while_measured = len(looks) * SECONDS / (SECONDS + EVERY + 0.5)
    figures = (
        f"{cpu / SECONDS * 100:.0f}",
        f"{cpu / while_measured * 1e6:.0f}",
        f"{rest:.0f}",
        f"{memory:.0f}",
        *(f"{quantile(looks, share):.1f}" for share in (0.5, 0.99)),
        *(f"{quantile(delays, share):.2f}" for share in (0.5, 0.99)),
    )
    return (f"{len(screens):,}", *figures)
