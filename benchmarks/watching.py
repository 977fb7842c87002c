"""Teachers' live pages: asked for again every two seconds, and when each answer first stood on them."""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.browser import PART, SignedIn, get
from benchmarks.lines import Line, at
from benchmarks.reflect_tool import within

EVERY = 2.0
"""Seconds, as the page says."""
_NUMBER = re.compile(rb'results-number">([\d,]+)<')


@dataclass
class Answers:
    """The answers to one check-in, by the moments at which they were sent."""

    path: str
    sent: list[float] = field(default_factory=list)


@dataclass
class Screen:
    """One page that stands open."""

    host: str
    port: int
    answers: Answers
    teacher: SignedIn
    looks: list[float] = field(default_factory=list)
    """Milliseconds that each asking again took."""
    delays: list[float] = field(default_factory=list)
    """Seconds from the sending of each answer until the page had it."""
    faults: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0

    etag: str = ""
    """Of the page that stands there already; opened first where nothing does."""

    def __post_init__(self) -> None:
        self.line = Line(self.port)
        self.shown = 0

    async def watch(self, until: asyncio.Event, first: float) -> None:
        """Open the page, then ask again every two seconds from a moment on, until the event."""
        if not self.etag:
            await self.look(is_first=True)
        due = first
        while not until.is_set():
            await at(due)
            await self.look()
            due = max(due + EVERY, time.perf_counter())
        self.line.close()

    def request(self, *, is_first: bool = False) -> bytes:
        """What the page sends."""
        also = () if is_first else (*PART, f"If-None-Match: {self.etag}")
        return get(self.host, within(self.teacher, self.answers.path), self.teacher.cookies, also)

    async def look(self, *, is_first: bool = False) -> None:
        """Ask once; what is new on the page is noted."""
        reply = await self.line.ask(self.request(is_first=is_first))
        if not is_first:
            self.looks.append(reply.seconds * 1000)
        if reply.status == 304:
            self.unchanged += 1
            return
        found = _NUMBER.search(reply.body)
        if reply.status != 200 or not found:
            self.faults[f"live page got {reply.status}"] += 1
            return
        self.etag = reply.header("etag")[0]
        now, number = time.perf_counter(), int(found[1].replace(b",", b""))
        self.delays += [now - moment for moment in self.answers.sent[self.shown : number]]
        self.shown = max(self.shown, number)


def watching(screens: Sequence[Screen], until: asyncio.Event) -> list[asyncio.Task[None]]:
    """Let all of them watch, each at a moment of its own within the two seconds."""
    dice, begin = random.Random(2), time.perf_counter() + 1.0
    return [asyncio.create_task(screen.watch(until, begin + dice.uniform(0, EVERY))) for screen in screens]
