"""What a body may feel like: stable keys with their words in every language, as the feelings have them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reflect.domain.language_packs import Wording, nearest, wordings_of
from reflect.files import SEEDS


@dataclass(frozen=True, slots=True)
class BodySignal:
    """One signal; `languages` is keyed by lower-case BCP 47 tag and always holds English."""

    key: str
    languages: Mapping[str, Wording] = field(compare=False, repr=False)

    def word(self, locale: str) -> str:
        """The signal's words in the nearest language we have."""
        return nearest(self.languages, locale).word

    def definition(self, locale: str, child: bool) -> str:
        """One sentence that explains the signal, in a young child's words or an adult's."""
        wording = nearest(self.languages, locale)
        return wording.child if child else wording.adult


def _read() -> Mapping[str, BodySignal]:
    keys = json.loads((SEEDS / "body_signals.json").read_text(encoding="utf-8"))
    return MappingProxyType({key: BodySignal(key, wordings_of("body_signals", key)) for key in keys})


SIGNALS = _read()
"""All signals, in the order in which they are shown."""
