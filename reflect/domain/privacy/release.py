"""The release rule: when anonymous answers become readable, and how much of them.

Answers are released in batches of at least k (`min_group_size`). *When* depends on their number alone, never on what
they say: a batch held back because it is unanimous would say so. *How much* is decided by `soften`, for each batch by
itself, before anything readable is stored. Hence every stored or shown state is a sum of softened batches, and the
difference of any two states is one too.

`soften` leaves every reader unsure of every single answer, also a reader who gave one of them: unless at least three
answers differ from the most common one, two answers of the batch are set aside as `UNSAID`. Of such a batch it is
only known that all, all but one, or all but two agreed. Who knows that their own is one of the two still does not
know the other.
"""

import secrets
from collections.abc import Mapping

UNSAID = "unsaid"
"""Stands in a result for answers that were given but are not shown, so that no single one is certain."""

_ASIDE = 2


def is_due(waiting: int, min_group_size: int) -> bool:
    """Whether so many unreleased answers may be released together."""
    return waiting >= min_group_size


def soften(counts: Mapping[str, int]) -> dict[str, int]:
    """A batch's counts (choice to number of answers) as they may be stored and shown; the sum stays the same."""
    total = sum(counts.values())
    most = max(counts.values())
    if most < total - _ASIDE:
        return dict(counts)
    # Chance decides a tie. By the alphabet, whoever answered `angry` and then reads "1 x calm, 2 unsaid" would know
    # that there was no tie, and so that both others answered `calm`.
    most_common = secrets.choice([choice for choice in counts if counts[choice] == most])
    softened = {most_common: total - _ASIDE, UNSAID: _ASIDE}
    return {choice: count for choice, count in softened.items() if count > 0}


def is_nearly_everyone(totals: Mapping[str, int]) -> bool:
    """Whether a result has one choice only besides what is unsaid: said in words, never as 100 %."""
    return UNSAID in totals and len(totals) == 2
