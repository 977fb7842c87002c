"""The 9:00 rush: everybody launches and answers within a minute, their teachers watch; then how much more it takes."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count

from benchmarks import lines
from benchmarks.browser import Tool
from benchmarks.crowds import STEPS, Class, Crowd, monday, school, steadily, students
from benchmarks.databases import POSTGRESQL, SQLITE, Database
from benchmarks.reflect_tool import running_reflect
from benchmarks.rounds import Sample, Samples, Turn
from benchmarks.sections import Section, controlled
from benchmarks.servers import Server
from benchmarks.watching import EVERY, Screen, watching
from benchmarks.workplace import Workplace

STUDENTS, TEACHERS = 5000, 50
ARRIVING, THINKING = 52.0, (2.0, 8.0)
"""Seconds in which they come, and for which each looks at the question: together a minute."""
CONTROL = 0.06
"""Share of the students in each turn of the control."""
MOST_CONTROL_ROUNDS = 2
STEADY = 10.0
"""Seconds of each try at a higher rate."""
FASTER = 1.25
MOST_TRIES = 10
BOUND_MS = 500.0
MOST_LATE_MS = 50.0
"""A load that is itself behind by more (p99) measures itself."""


@dataclass
class Rush:
    """What one rush came to."""

    crowd: Crowd
    screens: Sequence[Screen]
    cpu: float
    """Seconds of the server."""
    seconds: float
    memory: float
    lost: int
    locked: int

    @property
    def faults(self) -> Counter[str]:
        """All that was refused, wrong, lost or locked."""
        faults = Counter(self.crowd.faults)
        for screen in self.screens:
            faults.update(screen.faults)
        faults.update({kind: number for kind, number in (("lost", self.lost), ("locked", self.locked)) if number})
        return faults

    @property
    def looks(self) -> list[float]:
        """Milliseconds of every asking again."""
        return [look for screen in self.screens for look in screen.looks]

    @property
    def delays(self) -> list[float]:
        """Seconds from each answer to its teacher's screen."""
        return [delay for screen in self.screens for delay in screen.delays]

    @property
    def worst_p99(self) -> float:
        """Of all steps, in milliseconds."""
        return max(quantile(taken, 0.99) for taken in (*self.crowd.times.values(), self.looks))


@dataclass
class Site:
    """A running Reflect with its classes; students come to it once each."""

    server: Server
    tool: Tool
    database: Database
    workplace: Workplace
    classes: list[Class]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def rush(self, moments: Sequence[float], thinks: tuple[float, float]) -> Rush:
        """Let as many students as there are moments come, and measure."""
        for each in self.classes:
            each.ask()
        numbers = [next(self.numbers) for _ in moments]
        people = students(self.tool, self.workplace.lms, self.classes, numbers, thinks)
        screens = [Screen(self.tool.host, self.tool.port, one.asked, one.course.teacher) for one in self.classes]
        crowd, before = Crowd(self.tool), self.database.answers()
        cpu, locked, began = self.server.cpu_seconds(), self.server.times_locked(), time.perf_counter()

        async def work() -> None:
            over = asyncio.Event()
            teachers = watching(screens, over)
            await crowd.come(people, moments)
            await asyncio.sleep(EVERY + 0.5)
            over.set()
            await asyncio.gather(*teachers)

        lines.run(work)
        kept = self.database.answers() - before
        return Rush(
            crowd,
            screens,
            self.server.cpu_seconds() - cpu,
            time.perf_counter() - began,
            self.server.memory_mb("Rss"),
            crowd.acknowledged - kept,
            self.server.times_locked() - locked,
        )


def run(workplace: Workplace, rounds: int, requests: int | None, peers_only: bool) -> Iterator[Section]:
    """Two sections a database; peers have no such day. `requests` is the number of students, for a smaller rush."""
    for kind in () if peers_only else (SQLITE, POSTGRESQL):
        with ExitStack() as stack:
            number = requests or STUDENTS
            sites = [_site(workplace, kind, stack, number) for _ in range(2)]
            turn, again = (_turn(site, number) for site in sites)
            section = controlled(f"rush on {kind}", "Reflect", turn, again, min(rounds, MOST_CONTROL_ROUNDS))
            if section.thrown_away:
                yield section
                continue
            share = number / STUDENTS
            rush = sites[0].rush(monday(number, ARRIVING * share), THINKING if share > CONTROL else (0.2, 1.0))
            yield _told(section, rush)
            yield _highest(replace(section, name=f"the highest rate on {kind}"), sites[0], number / 60 / share)


def _site(workplace: Workplace, kind: str, stack: ExitStack, number: int) -> Site:
    database = workplace.new_database(kind)
    server, tool = stack.enter_context(running_reflect(workplace, database))
    classes = school(tool, workplace.lms, max(2, TEACHERS * number // STUDENTS))
    return Site(server, tool, database, workplace, classes)


def _turn(site: Site, number: int) -> Turn:
    def turn() -> Samples:
        few = max(30, round(number * CONTROL))
        rush = site.rush(steadily(few, few / 80), (0.2, 0.5))
        taken = rush.crowd.times["answer"]
        p50, p99, worst = (quantile(taken, share) for share in (0.5, 0.99, 1))
        return {"student": Sample(few / rush.seconds, rush.cpu / few * 1e6, p50, p99, worst, dict(rush.faults))}

    return turn


def _told(section: Section, rush: Rush) -> Section:
    rows: list[tuple[str, ...]] = [("step", "how often", "p50 ms", "p99 ms", "worst ms")]
    rows += [_row(step, rush.crowd.times[step]) for step in STEPS]
    rows.append(_row("live page asked again", rush.looks))
    rows.append(_row("answer → teacher’s screen", [delay * 1000 for delay in rush.delays]))
    number, late = len(rush.crowd.late), quantile(rush.crowd.late, 0.99)
    remark = (
        f"{number:,} students, {len(rush.screens)} teachers, {rush.seconds:.0f} s; {rush.crowd.acknowledged:,} answers"
        f" acknowledged, {rush.lost} lost; the server used {rush.cpu / rush.seconds * 100:.0f} % of its core"
        f" ({rush.cpu / number * 1000:.1f} ms a student) and {rush.memory:.0f} MB;"
        f" the load itself was late by {late:.1f} ms (p99)."
    )
    faults = rush.faults
    if late > MOST_LATE_MS:
        faults["load that came late"] += 1
    return replace(section, table=rows, remarks=[remark], faults=faults)


def _highest(section: Section, site: Site, rate: float) -> Section:
    """Faster and faster until a step's p99 is beyond the bound or something is refused; or slower, until neither is."""
    head = (
        "students/s",
        "requests/s",
        "worst p99 of a step, ms",
        "answer p99 ms",
        "CPU ms a student",
        "late ms",
        "held",
    )
    rows: list[tuple[str, ...]] = [head]
    held, fastest = 0.0, float("inf")
    for _ in range(MOST_TRIES):
        rush = site.rush(steadily(round(rate * STEADY), STEADY), (0.5, 2.0))
        late = quantile(rush.crowd.late, 0.99)
        holds = rush.worst_p99 < BOUND_MS and not rush.faults and late < MOST_LATE_MS
        asked = sum(map(len, rush.crowd.times.values())) + len(rush.looks)
        figures = (rate, asked / STEADY, rush.worst_p99, quantile(rush.crowd.times["answer"], 0.99))
        cpu = f"{rush.cpu / len(rush.crowd.late) * 1000:.1f}"
        rows.append((*(f"{figure:.0f}" for figure in figures), cpu, f"{late:.0f}", "yes" if holds else "no"))
        if holds:
            is_found = rate * FASTER > fastest * 0.99  # which did not hold
            held, rate = rate, rate * FASTER
        else:
            is_found = held > 0
            fastest, rate = rate, rate / FASTER
        if is_found:
            break
    remark = (
        f"Held: {held:.0f} students a second, {held * 60:,.0f} a minute, with the p99 of every step"
        f" under {BOUND_MS:.0f} ms and nothing refused."
    )
    return replace(section, table=rows, remarks=[remark])


def _row(name: str, taken: Sequence[float]) -> tuple[str, ...]:
    return (name, f"{len(taken):,}", *(f"{quantile(taken, share):.1f}" for share in (0.5, 0.99, 1)))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    ordered = sorted(values)
    return ordered[max(0, round(len(ordered) * share) - 1)] if ordered else float("nan")
