"""A school on its Monday morning: courses with a question each, and students with their launches signed beforehand."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.browser import PART, Asked, SignedIn, Tool, asked, get, launch, login, post, signed_in
from benchmarks.generator import Reply, drive
from benchmarks.lines import Line, at
from benchmarks.lms import Lms, Person
from benchmarks.reflect_tool import Course, within
from benchmarks.watching import Answers

CHOICES = ("confident", "happy", "calm", "tired", "bored", "sad")
SIGNED_FOR = 900
"""Seconds for which a launch that was signed beforehand is good."""
STEPS = ("login", "launch", "page", "answer")


@dataclass(frozen=True)
class Student:
    """Who will come: the login that is sent and timed, and a launch that follows from an equal login before."""

    login: bytes
    launch: bytes
    asked: Asked
    answers: Answers
    thinks: float
    """Seconds between the page and the answer."""


@dataclass
class Class:
    """A course and the one question that stands open in it, once one does."""

    course: Course
    answers: Answers | None = None

    def ask(self) -> None:
        """Close the question before, and ask another."""
        if self.answers is not None:
            self.course.close(self.answers.path)
        self.answers = Answers(self.course.new_checkin())

    @property
    def asked(self) -> Answers:
        """The answers to what stands open."""
        assert self.answers is not None
        return self.answers


def school(tool: Tool, lms: Lms, courses: int) -> list[Class]:
    """So many courses, each with its teacher signed in."""
    return [Class(Course(tool, lms, 100 + number)) for number in range(courses)]


def students(
    tool: Tool, lms: Lms, classes: Sequence[Class], numbers: Sequence[int], thinks: tuple[float, float]
) -> list[Student]:
    """Students spread over the classes, none of whom has come yet."""
    dice = random.Random(3)
    homes = [classes[number % len(classes)] for number in numbers]
    people = [Person(number, course=home.course.name) for number, home in zip(numbers, homes, strict=True)]
    logins = [login(tool, person) for person in people]
    replies = [asked(reply) for reply in drive(tool.port, logins, 8).replies]
    found = [reply for reply in replies if reply is not None]
    if len(found) < len(people):
        raise RuntimeError("a login was refused while the launches were being signed")
    return [
        Student(sent, launch(tool, lms, person, answer, SIGNED_FOR), answer, home.asked, dice.uniform(*thinks))
        for sent, person, answer, home in zip(logins, people, found, homes, strict=True)
    ]


@dataclass
class Crowd:
    """Students who come, each at a moment of their own; nobody waits for anybody."""

    tool: Tool
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds that each step took; of the first from the moment at which the student was due."""
    faults: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    """Milliseconds by which the load itself was behind."""
    acknowledged: int = 0

    async def come(self, people: Sequence[Student], moments: Sequence[float]) -> None:
        """Let everybody come at their moment (seconds from now), and wait until the last has answered."""
        began = time.perf_counter()
        coming = []
        for person, moment in zip(people, sorted(moments), strict=True):
            due = began + moment
            await at(due)
            self.late.append((time.perf_counter() - due) * 1000)
            coming.append(asyncio.create_task(self._come(person, due)))
        await asyncio.gather(*coming)

    async def _come(self, person: Student, due: float) -> None:
        line = Line(self.tool.port)
        reply = await line.ask(person.login, due)
        if not self._noted("login", reply, reply.status == 200 and b"state=" in reply.body):
            return
        reply = await line.ask(person.launch)
        if not self._noted("launch", reply, reply.status in {302, 303}):
            return
        here = signed_in(reply, person.asked)
        address = f"{person.answers.path}/answers"
        reply = await line.ask(get(self.tool.host, here.location, here.cookies))
        if not self._noted("page", reply, reply.status == 200 and address.encode() in reply.body):
            return
        await asyncio.sleep(person.thinks)
        person.answers.sent.append(time.perf_counter())
        reply = await line.ask(self._answer(here, address, len(person.answers.sent)))
        if self._noted("answer", reply, reply.status == 200 and b"reflect-error" not in reply.head.lower()):
            self.acknowledged += 1
        line.close()

    def _answer(self, here: SignedIn, address: str, number: int) -> bytes:
        fields = {"choice": CHOICES[number % len(CHOICES)], "revision": "0"}
        return post(self.tool.host, within(here, address), fields, here.cookies, "same-origin", PART)

    def _noted(self, step: str, reply: Reply, is_right: bool) -> bool:
        self.times[step].append(reply.seconds * 1000)
        if not is_right:
            self.faults[f"{step} got {reply.status}"] += 1
        return is_right


def monday(count: int, seconds: float) -> list[float]:
    """When so many students come within so many seconds: most soon after the bell, with a long tail."""
    dice = random.Random(9)
    return sorted(dice.betavariate(2, 4) * seconds for _ in range(count))


def steadily(count: int, seconds: float) -> list[float]:
    """When they come at one rate, by chance and not in step."""
    dice = random.Random(9)
    return sorted(dice.uniform(0, seconds) for _ in range(count))
