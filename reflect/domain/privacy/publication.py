"""The publication rule: what of a course's week leaders may read. Pure, as the release rule is.

A week of a course is published once, when it is over, and never changed; it is only taken back as a whole. Its figures
are a sum of parts that are each safe by themselves, and so is every sum of them, every term and every difference:

- People with their *named* answers, each once, by the band of their mean pleasantness in that week.
- The answers to each *anonymous* check-in, as they were released, by band. Each check-in is a part of its own: in it,
  a person is counted once. (Over several together a reader may have given two answers, and would know both that
  `release.soften` sets aside.)

A part has at least k people and is softened once more, over the bands: batches that differ in words may agree in
bands. Whoever was asked and chose no feeling (`skip`, a word of their own) is one more band in this, and is shown
together with what is set aside. Whoever was not asked for a feeling is in no part: who answered what form is known
to others, and would narrow the part down.

What is too small is in no figure at all, also not in a total. A pool of the small parts of several courses would be
safe against who knows nobody in it; but a leader may teach one of those courses and see its names, and would subtract
them. Nobody's parts are shared here, so there is nothing to subtract.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reflect.domain.insights.feelings import Band
from reflect.domain.privacy import release

SETTLING = timedelta(days=3)
"""So long after its end a week is published: time for a Friday's answers to be given on Monday, and released."""
PATIENCE = timedelta(days=28)
"""So long an anonymous check-in that stays open is waited for."""
WEEK = timedelta(days=7)
_SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Figures:
    """The bands of a course's week, as they are published."""

    bands: Mapping[Band, int]
    unsaid: int
    named: int
    """How many people are in it with their named answers."""


def week_of(moment: datetime) -> date:
    """The Monday of the week that a moment lies in, in UTC."""
    return moment.date() - timedelta(days=moment.weekday())


def is_over(week_on: date, now: datetime, *, is_waited_for: bool) -> bool:
    """Whether a week may be published: some days after its end; later while an anonymous check-in of it is open."""
    return now.date() >= week_on + WEEK + (PATIENCE if is_waited_for else SETTLING)


def figures(
    named: Iterable[Band | None], anonymous: Iterable[tuple[Mapping[Band | None, int], int]], k: int
) -> Figures:
    """The bands of a week: `named` has one entry for each person who was asked for a feeling, `anonymous` the
    released answers of each check-in that asked for one, with its own k. Parts that are too small are left out."""
    people = Counter(named)
    parts = [_part(people, k), *(_part(answers, max(k, own_k)) for answers, own_k in anonymous)]
    total = sum(parts, Counter[str]())
    return Figures(
        bands={band: total[band.value] for band in Band},
        unsaid=total[release.UNSAID],
        named=people.total() if parts[0] else 0,
    )


def is_to_be_withdrawn(people: int, named: int, gone: int, k: int) -> bool:
    """Whether a week goes as a whole, once so many people have erased answers that are counted in it.

    A corrected week beside the old one would tell what was erased, so it stays as it is until too few of those it
    was made of are left, or so many are gone that the difference tells nothing of one of them.
    """
    return gone >= k or people - gone < k or 0 < named < k + gone


def _part(said: Mapping[Band | None, int], k: int) -> Counter[str]:
    counts = {band.value if band else _SILENT: count for band, count in said.items() if count}
    if not counts or not release.is_due(sum(counts.values()), k):
        return Counter()
    softened = Counter(release.soften(counts))
    softened[release.UNSAID] += softened.pop(_SILENT, 0)
    return softened
