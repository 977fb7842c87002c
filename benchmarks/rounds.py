"""Contenders taking turns inside every round, and what their figures say about each other, round by round."""

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.generator import Phase, Reply, drive
from benchmarks.servers import Server

CONTROL_LIMITS = (0.9, 1.1)


@dataclass(frozen=True)
class Sample:
    """One phase of one contender in one round."""

    per_second: float
    cpu_us: float
    """CPU time of the server's processes per request; a database server's is not in it."""
    p50_ms: float
    p99_ms: float
    max_ms: float
    faults: dict[str, int] = field(default_factory=dict)
    """What went wrong, by kind; `locked` and `lost` are kinds of their own."""


Samples = Mapping[str, Sample]
"""The phases of one turn by name."""
Turn = Callable[[], Samples]
Figure = Callable[[Sample], float]


@dataclass(frozen=True)
class Spread:
    """Median and quartiles over rounds."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def take_turns(contenders: Mapping[str, Turn], rounds: int) -> dict[str, list[Samples]]:
    """Lets every contender have one turn a round; who begins changes, and so does the direction."""
    taken: dict[str, list[Samples]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(rounds):
        shift = number % len(names)
        order = names[shift:] + names[:shift]
        for name in reversed(order) if number % 2 else order:
            taken[name].append(contenders[name]())
    return taken


def timed(
    server: Server, requests: Sequence[bytes], at_once: int, fault: Callable[[int, Reply], str | None]
) -> tuple[Phase, Sample]:
    """Sends the requests and measures; `fault` says what is wrong with the reply to a request, if anything."""
    cpu_before, locked_before = server.cpu_seconds(), server.times_locked()
    phase = drive(server.port, requests, at_once)
    cpu = server.cpu_seconds() - cpu_before
    faults: dict[str, int] = Counter(kind for index, reply in enumerate(phase.replies) if (kind := fault(index, reply)))
    if locked := server.times_locked() - locked_before:
        faults["locked"] = locked
    times = sorted(reply.seconds * 1000 for reply in phase.replies)
    return phase, Sample(
        per_second=len(requests) / phase.seconds,
        cpu_us=cpu / len(requests) * 1e6,
        p50_ms=statistics.median(times),
        p99_ms=times[max(0, round(len(times) * 0.99) - 1)],
        max_ms=times[-1],
        faults=dict(faults),
    )


def warmed_up(server: Server, turn: Turn) -> None:
    """One untimed turn; raises RuntimeError with the end of the server's log if anything was wrong."""
    faults = faults_of([turn()])
    if faults:
        raise RuntimeError(f"{dict(faults)} from {server.process.args!r}:\n{server.log.read_text()[-3000:]}")


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles; of fewer than three values their ends."""
    if len(values) < 3:
        return Spread(min(values), statistics.median(values), max(values))
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(low, median, high)


def figures(taken: Sequence[Samples], phase: str, figure: Figure) -> list[float]:
    """One figure of one phase, round by round."""
    return [figure(samples[phase]) for samples in taken]


def paired(above: Sequence[float], below: Sequence[float]) -> Spread:
    """The ratio of two contenders, taken within each round; infinite where CPU time was under one tick."""
    return spread([a / b if b else float("inf") for a, b in zip(above, below, strict=True)])


def control_holds(ratio: Spread) -> bool:
    """Whether the same server measured twice came out the same."""
    low, high = CONTROL_LIMITS
    return low <= ratio.median <= high


def faults_of(taken: Sequence[Samples]) -> Counter[str]:
    """Everything that went wrong in all rounds and phases."""
    total: Counter[str] = Counter()
    for samples in taken:
        for sample in samples.values():
            total.update(sample.faults)
    return total
