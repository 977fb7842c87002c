"""A section: one table of contenders at one concurrency, its A/A control, and the goals it decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.rounds import (
    Figure,
    Sample,
    Samples,
    Spread,
    Turn,
    control_holds,
    faults_of,
    figures,
    paired,
    take_turns,
)

SECOND_SERVER = "the same server, started twice"


@dataclass(frozen=True)
class Goal:
    """A ratio of one contender's figure to another's; where the moonshot is above the floor, more is better."""

    phase: str
    what: str
    above: str
    below: str
    figure: Figure
    floor: float
    moonshot: float

    def verdict(self, ratio: float) -> str:
        """How far the ratio got."""
        for name, bound in (("moonshot reached", self.moonshot), ("floor passed", self.floor)):
            if ratio >= bound if self.moonshot > self.floor else ratio <= bound:
                return name
        return "FLOOR MISSED"


@dataclass(frozen=True)
class Section:
    """What was measured; `taken` is empty if the control threw the section away."""

    name: str
    subject: str
    control: Mapping[str, Spread]
    rounds: int
    control_faults: Mapping[str, int] = field(default_factory=dict)
    taken: Mapping[str, Sequence[Samples]] = field(default_factory=dict)
    goals: Sequence[Goal] = ()
    table: Sequence[Sequence[str]] = ()
    """Rows for people where the usual columns say nothing; the first is the head."""
    remarks: Sequence[str] = ()
    faults: Mapping[str, int] = field(default_factory=dict)
    """What went wrong outside of rounds."""

    @property
    def thrown_away(self) -> bool:
        """Whether the same server measured twice did not come out the same."""
        return not all(control_holds(ratio) for ratio in self.control.values())

    @property
    def sound(self) -> bool:
        """Whether the control held and every contender answered everything rightly and lost nothing."""
        faults = any(faults_of(taken) for taken in self.taken.values())
        return not (self.thrown_away or self.control_faults or self.faults or faults)

    def ratio(self, phase: str, figure: Figure, above: str, below: str) -> Spread:
        """One contender's figure over another's, paired by round."""
        return paired(figures(self.taken[above], phase, figure), figures(self.taken[below], phase, figure))


def measured(
    name: str, contenders: Mapping[str, Turn], again: Turn, rounds: int, goals: Sequence[Goal] = ()
) -> Section:
    """Runs the control with the first contender and its twin, and the contenders only if the control held."""
    section = controlled(name, *next(iter(contenders.items())), again, rounds)
    if section.thrown_away:
        return section
    known = [goal for goal in goals if {goal.above, goal.below} <= contenders.keys()]
    return replace(section, taken=take_turns(contenders, rounds), goals=known)


def controlled(name: str, subject: str, turn: Turn, again: Turn, rounds: int) -> Section:
    """A section of which only the control was run: the same server, started twice."""
    taken = take_turns({subject: turn, SECOND_SERVER: again}, rounds)
    phase = list(taken[subject][0])[-1]

    def same(figure: Figure) -> Spread:
        return paired(figures(taken[subject], phase, figure), figures(taken[SECOND_SERVER], phase, figure))

    control = {"rate": same(per_second), "CPU": same(cpu_us)}
    faults = faults_of([*taken[subject], *taken[SECOND_SERVER]])
    return Section(name, subject, control, rounds, faults)


def per_second(sample: Sample) -> float:
    """The rate."""
    return sample.per_second


def cpu_us(sample: Sample) -> float:
    """The server's CPU time a request."""
    return sample.cpu_us


def p99_ms(sample: Sample) -> float:
    """The time within which 99 of 100 requests were answered."""
    return sample.p99_ms


def p50_ms(sample: Sample) -> float:
    """The time within which half of the requests were answered."""
    return sample.p50_ms
