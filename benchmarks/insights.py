"""Insights: what a teacher's pages of one course cost, however many answers the rest of the site has."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.browser import get
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.generator import Reply
from benchmarks.reflect_tool import Course, running_reflect
from benchmarks.rounds import Sample, Samples, Turn, timed, warmed_up
from benchmarks.sections import Goal, Section, measured, p50_ms
from benchmarks.servers import Server
from benchmarks.sites import fill
from benchmarks.workplace import Workplace

SIZES = (10**4, 10**5, 10**6, 10**7)
REQUESTS = 60
PAGES = {"home": ("", b'id="glance-title"'), "insights": ("/insights", b'class="listed counted"')}
"""The rest of each page's address, and what it must show: a page without its numbers would be cheap."""


@dataclass(frozen=True)
class Site:
    """A running Reflect with so many answers, and the teacher of one course."""

    server: Server
    course: Course

    def turn(self, requests: int) -> Samples:
        """Ask for each page, one after the other."""
        return {name: self._page(requests, *page) for name, page in PAGES.items()}

    def _page(self, requests: int, rest: str, shows: bytes) -> Sample:
        teacher, host = self.course.teacher, self.course.tool.host
        path, _, query = re.sub(r"^https?://[^/]+", "", teacher.location).partition("?")
        asked = [get(host, f"{path}{rest}?{query}", teacher.cookies)] * requests

        def fault(_index: int, reply: Reply) -> str | None:
            return None if reply.status == 200 and shows in reply.body else f"page got {reply.status}"

        return timed(self.server, asked, 1, fault)[1]


def run(workplace: Workplace, rounds: int, requests: int | None, peers_only: bool) -> Iterator[Section]:
    """One section a database; peers have no such pages."""
    for kind in () if peers_only else (SQLITE, POSTGRESQL):
        yield _on(kind, workplace, rounds, requests or REQUESTS)


def _on(kind: str, workplace: Workplace, rounds: int, requests: int) -> Section:
    sizes = [size for size in SIZES if size <= workplace.largest]
    with ExitStack() as stack:
        sites = {_name(size): _site(kind, workplace, stack, size) for size in sizes}
        twin = _site(kind, workplace, stack, sizes[0])
        for site in (*sites.values(), twin):
            warmed_up(site.server, _turn_of(site, 10))
        goals = [
            Goal(page, f"p50 of {page}", _name(sizes[-1]), _name(sizes[0]), p50_ms, floor=1.3, moonshot=1.1)
            for page in PAGES
        ]
        turns = {name: _turn_of(site, requests) for name, site in sites.items()}
        return measured(f"insights on {kind}", turns, _turn_of(twin, requests), rounds, goals)


def _name(size: int) -> str:
    return f"{size:,} answers"


def _site(kind: str, workplace: Workplace, stack: ExitStack, size: int) -> Site:
    database = workplace.new_database(kind)
    server, tool = stack.enter_context(running_reflect(workplace, database))
    course = Course(tool, workplace.lms)
    found = re.search(r"/courses/(\d+)", course.teacher.location)
    if not found:
        raise RuntimeError(f"the teacher's launch led to {course.teacher.location}")
    fill(database, int(found[1]), size)
    return Site(server, course)


def _turn_of(site: Site, requests: int) -> Turn:
    return lambda: site.turn(requests)
