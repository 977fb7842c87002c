"""Answers: every signed-in student answers a fresh check-in once, by name and durably; then the rows are recounted."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from itertools import cycle, islice

from benchmarks import answer_contenders as contenders
from benchmarks.answer_contenders import AnswerContender, is_right
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.generator import Reply
from benchmarks.rounds import Samples, Turn, timed, warmed_up
from benchmarks.sections import Goal, Section, measured, p99_ms, per_second
from benchmarks.workplace import Workplace

AT_ONCE = (1, 32, 256)
REQUESTS = 1000
EMOTIONS = ("confident", "happy", "calm", "tired", "bored", "sad")
REFLECT = "Reflect"
DJANGO = "Django + ORM, gthread 8"
FLASK = "Flask + SQLModel, gthread 8"
Start = Callable[[Workplace, str, int], AbstractContextManager[AnswerContender]]
PEERS: Mapping[str, Start] = {DJANGO: contenders.django, FLASK: contenders.flask}
GOALS = {
    SQLITE: (
        Goal("answer", "answers/s", REFLECT, DJANGO, per_second, floor=3, moonshot=6),
        Goal("answer", "p99", REFLECT, DJANGO, p99_ms, floor=1 / 3, moonshot=1 / 10),
    ),
    POSTGRESQL: (Goal("answer", "answers/s", REFLECT, DJANGO, per_second, floor=3, moonshot=6),),
}
DECIDED_AT = 32


def run(workplace: Workplace, rounds: int, requests: int | None, peers_only: bool) -> Iterator[Section]:
    """The answer rows on both databases at every concurrency."""
    starts = PEERS if peers_only else {REFLECT: contenders.reflect, **PEERS}
    for kind in (SQLITE, POSTGRESQL):
        yield from _on(kind, starts, workplace, rounds, requests or REQUESTS)


def _on(kind: str, starts: Mapping[str, Start], workplace: Workplace, rounds: int, students: int) -> Iterator[Section]:
    first = next(iter(starts))
    with ExitStack() as stack:
        running = {name: stack.enter_context(start(workplace, kind, students)) for name, start in starts.items()}
        twin = stack.enter_context(starts[first](workplace, kind, students))
        for contender in (*running.values(), twin):
            warmed_up(contender.server, _turn_of(contender, students, at_once=8))
        for at_once in AT_ONCE:
            yield measured(
                f"answers on {kind}, {at_once} at once",
                {name: _turn_of(contender, students, at_once) for name, contender in running.items()},
                _turn_of(twin, students, at_once),
                rounds,
                GOALS[kind] if at_once == DECIDED_AT else (),
            )


def _turn_of(contender: AnswerContender, students: int, at_once: int) -> Turn:
    return lambda: _turn(contender, students, at_once)


def _turn(contender: AnswerContender, students: int, at_once: int) -> Samples:
    checkin = contender.new_checkin()
    emotions = islice(cycle(EMOTIONS), students)
    requests = [contender.answer(checkin, number, emotion) for number, emotion in enumerate(emotions)]

    def fault(_index: int, reply: Reply) -> str | None:
        return None if is_right(reply, checkin) else f"answer got {reply.status}"

    before = contender.database.answers()
    phase, sample = timed(contender.server, requests, at_once, fault)
    kept = contender.database.answers() - before
    acknowledged = sum(is_right(reply, checkin) for reply in phase.replies)
    if kept != acknowledged:
        sample.faults["lost" if kept < acknowledged else "kept though refused"] = abs(acknowledged - kept)
    return {"answer": sample}
