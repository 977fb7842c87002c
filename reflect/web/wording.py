"""The shape of what a refusal says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """How one refusal is told."""

    status: int
    heading: str
    sentence: str
    what_next: tuple[str, ...]
