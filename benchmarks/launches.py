"""Launches: N logins, then untimed signing with each tool's own nonces, then N launches."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack

from benchmarks import launch_contenders as contenders
from benchmarks.browser import Asked, asked, get, launch, login, signed_in
from benchmarks.generator import Reply, drive
from benchmarks.launch_contenders import LaunchContender
from benchmarks.lms import Lms, Person
from benchmarks.rounds import Samples, Turn, timed, warmed_up
from benchmarks.sections import Goal, Section, cpu_us, measured, per_second
from benchmarks.workplace import Workplace

AT_ONCE = (1, 16)
REQUESTS = 500
PAGES_LOOKED_AT = 5
NO_LOGIN = Asked("none", "none", {})
REFLECT = "Reflect, SQLite"
PYLTI1P3 = "PyLTI1p3 + Flask, gthread 8, key cache"
LTIJS = "ltijs + PostgreSQL"
FLOOR = "floor: 3 kB form + RSA verify"
PEERS: dict[str, Callable[[Workplace], AbstractContextManager[LaunchContender]]] = {
    PYLTI1P3: contenders.pylti1p3_flask,
    LTIJS: contenders.ltijs_postgres,
    FLOOR: contenders.floor,
}
OURS = {REFLECT: contenders.reflect_sqlite, "Reflect, PostgreSQL": contenders.reflect_postgres}
GOALS = (
    Goal("launch", "launches/s", REFLECT, PYLTI1P3, per_second, floor=2, moonshot=3.5),
    Goal("launch", "launches/s", REFLECT, LTIJS, per_second, floor=6, moonshot=12),
    Goal("launch", "share of the floor in CPU", FLOOR, REFLECT, cpu_us, floor=0.25, moonshot=0.4),
)


def run(workplace: Workplace, rounds: int, requests: int | None, peers_only: bool) -> Iterator[Section]:
    """The launch rows at every concurrency; the first contender, started twice, is its own control."""
    starts = PEERS if peers_only else {**OURS, **PEERS}
    first = next(iter(starts))
    lms, count = workplace.lms, requests or REQUESTS
    with ExitStack() as stack:
        running = {name: stack.enter_context(start(workplace)) for name, start in starts.items()}
        twin = stack.enter_context(starts[first](workplace))
        for contender in (*running.values(), twin):
            warmed_up(contender.server, _turn_of(contender, lms, count, at_once=8))
        for at_once in AT_ONCE:
            yield measured(
                f"launches, {at_once} at once",
                {name: _turn_of(contender, lms, count, at_once) for name, contender in running.items()},
                _turn_of(twin, lms, count, at_once),
                rounds,
                GOALS if at_once == AT_ONCE[-1] else (),
            )


def _turn_of(contender: LaunchContender, lms: Lms, requests: int, at_once: int) -> Turn:
    return lambda: _turn(contender, lms, requests, at_once)


def _turn(contender: LaunchContender, lms: Lms, requests: int, at_once: int) -> Samples:
    server, tool = contender.server, contender.tool
    people = [Person(number) for number in range(1, round(requests * contender.share) + 1)]
    answers = [NO_LOGIN] * len(people)
    samples = {}
    if contender.has_login:
        phase, samples["login"] = timed(server, [login(tool, person) for person in people], at_once, _login_fault)
        answers = [asked(reply) or NO_LOGIN for reply in phase.replies]
    signed = [launch(tool, lms, person, answer) for person, answer in zip(people, answers, strict=True)]
    phase, samples["launch"] = timed(server, signed, at_once, _launch_fault)
    if contender.has_login:
        faults = _page_faults(contender, phase.replies, answers)
        samples["launch"].faults.update(faults)
    return samples


def _login_fault(_index: int, reply: Reply) -> str | None:
    return None if asked(reply) else f"login answered {reply.status}"


def _launch_fault(_index: int, reply: Reply) -> str | None:
    return None if reply.status in {302, 303} and reply.header("location") else f"launch answered {reply.status}"


def _page_faults(contender: LaunchContender, replies: Sequence[Reply], answers: Sequence[Asked]) -> Counter[str]:
    """Follows a few launches into the app, untimed: a redirect alone proves no session."""
    entered = [pair for pair in zip(replies, answers, strict=True) if _launch_fault(0, pair[0]) is None]
    followed = [signed_in(reply, answer) for reply, answer in entered[:: max(1, len(entered) // PAGES_LOOKED_AT)]]
    pages = [get(contender.tool.host, one.location, one.cookies) for one in followed]
    shown = drive(contender.server.port, pages, 1).replies if pages else []
    return Counter(f"page answered {reply.status}" for reply in shown if reply.status != 200)
