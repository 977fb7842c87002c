"""An attacker's reasoning about published weeks by brute force: every week of a class that could have made them.

This restates the publication rule in words of its own and uses none of Reflect's arithmetic.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from tests.domain.privacy.worlds import publications

BANDS = {"calm": "pleasant", "happy": "pleasant", "pensive": "between", "tired": "unpleasant", "skip": None}
VALUES = ("pleasant", "between", "unpleasant", None)
Value = str | None
Published = tuple[int, int, int, int]
"""Pleasant, in between, unpleasant, unsaid."""
NOTHING: Published = (0, 0, 0, 0)


@cache
def told(values: tuple[Value, ...], k: int) -> frozenset[Published]:
    """All that may be published of people who each have one of the bands, or none."""
    if len(values) < max(k, 1):
        return frozenset([NOTHING])
    counts = Counter(values)
    most = max(counts.values())
    if len(values) - most >= 3:
        return frozenset([_figures(counts, counts[None])])
    rest = len(values) - 2
    return frozenset(
        _figures({value: rest}, 2 + (rest if value is None else 0)) for value, count in counts.items() if count == most
    )


def _figures(counts: Mapping[Value, int], unsaid: int) -> Published:
    return counts.get("pleasant", 0), counts.get("between", 0), counts.get("unpleasant", 0), unsaid


@cache
def told_of_released(choices: tuple[str, ...], k: int) -> frozenset[Published]:
    """All that may be published of one anonymous batch: released by choice first, then told by band."""
    found: set[Published] = set()
    for totals in publications(choices) if len(choices) >= k else ():
        values = [BANDS.get(choice) for choice, count in totals for _ in range(count)]
        found |= told(tuple(sorted(values, key=str)), k)
    return frozenset(found or {NOTHING})


@dataclass(frozen=True)
class Part:
    """What each person of a published part said; for an anonymous one as choices, by name as bands."""

    said: Mapping[int, Value]
    k: int
    is_anonymous: bool = False

    def outcomes(self, known: Mapping[int, Value]) -> frozenset[Published]:
        """All that could be published if these people said this and the others anything."""
        domain: Sequence[Value] = tuple(BANDS) if self.is_anonymous else VALUES
        tell: Callable[..., frozenset[Published]] = told_of_released if self.is_anonymous else told
        worlds = product(*([known[person]] if person in known else domain for person in self.said))
        multisets = {tuple(sorted(world, key=str)) for world in worlds}
        return frozenset().union(*(tell(multiset, self.k) for multiset in multisets))

    def band(self, value: Value) -> Value:
        """What a value says of a feeling."""
        return BANDS[value] if self.is_anonymous and value else value


def sums(parts: Sequence[frozenset[Published]]) -> set[Published]:
    """All sums of one of each."""
    found = {NOTHING}
    for part in parts:
        found = {tuple(map(sum, zip(one, other, strict=True))) for one in found for other in part}  # type: ignore[misc]
    return found


def certain(parts: Sequence[Part], seen: Published) -> Iterator[str]:
    """What a reader is sure of who sees a week's figures and knows who is in each part: as an outsider, or as somebody
    who is in some parts and knows what they said in each."""
    assert seen in sums([part.outcomes(part.said) for part in parts]), "the attacker's idea of the rule is wrong"
    everybody = {person for part in parts for person in part.said}
    for reader in (None, *sorted(everybody)):
        own = [{reader: part.said[reader]} if reader in part.said else {} for part in parts]
        usual = [part.outcomes(known) for part, known in zip(parts, own, strict=True)]
        for number, part in enumerate(parts):
            rest = sums([outcome for other, outcome in enumerate(usual) if other != number])
            domain = tuple(BANDS) if part.is_anonymous else VALUES
            for person in part.said.keys() - {reader}:
                thinkable = {
                    part.band(value)
                    for value in domain
                    if seen in sums([frozenset(rest), part.outcomes(own[number] | {person: value})])
                }
                if len(thinkable) == 1 and thinkable != {None}:
                    yield f"reader {reader} knows that person {person} in part {number} is {thinkable}"
