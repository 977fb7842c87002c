"""Answer forms: what a check-in lets people choose from. An answer stores the key of a choice, never a word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reflect.domain.emotions import Emotion, vocabulary

DEFAULT = "words_core"


@dataclass(frozen=True, slots=True)
class Form:
    """One way of answering: its feelings in the order in which they are shown, and all keys it takes."""

    key: str
    emotions: tuple[Emotion, ...]
    keys: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", frozenset(emotion.key for emotion in self.emotions))


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "words_core": Form("words_core", vocabulary("core")),
        "words_full": Form("words_full", vocabulary("full")),
    }
)
