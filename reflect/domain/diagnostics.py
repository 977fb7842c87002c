"""What a browser lets Reflect do: the outcomes of its checks, what follows from them, and a code to read aloud.

The code holds the outcomes, the family and the version of the browser, and nothing else, so that nothing need be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from reflect.domain.browsers import FAMILIES, NEWEST, Browser
from reflect.domain.refusals import Refused

CHECKS: Final[Mapping[str, tuple[str, ...]]] = {
    "script": ("unknown", "on", "off"),
    "place": ("unknown", "window", "frame"),
    "cookie": ("unknown", "kept", "lost"),
    "partitioned": ("unknown", "kept", "lost"),
    "session": ("unknown", "kept", "lost", "lent"),
    "platform": ("unknown", "kept", "lost"),
    "access": ("unknown", "open", "closed", "absent"),
    "window": ("unknown", "opened", "blocked"),
    "clock": ("unknown", "right", "fast", "slow"),
    "network": ("unknown", "public", "private"),
}
"""Each check with its outcomes, at most four; the first is that it was not found out. The order is the code's."""

COOKIES: Final = ("cookie", "partitioned")
PLACES: Final = (*COOKIES, "session", "platform")
"""Where a browser may keep something for Reflect; the first that is kept is the one that is used. The session of a tab
may also be *lent* by the page that opened the tab, for as long as that one is open."""
_KEPT: Final = {"kept", "lent"}
_GOOD: Final = {"on", "window", "frame", "kept", "open", "opened", "right", "public"}

PAGE: Final = 1
"""The version of the checks; a code of another one is refused."""
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O, U."""
_MISREAD: Final = str.maketrans("ILO", "110", " -")
_SYMBOLS: Final = 7
_BITS: Final = (3, *(2 for _ in CHECKS), 4, 8)


class Light(StrEnum):
    """How a check came out."""

    FINE = "fine"
    NOTE = "note"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What all checks together say."""

    USABLE = "usable"
    FORGETFUL = "forgetful"
    """Usable until the page is loaded again."""
    LENT = "lent"
    """Usable while the page that opened this one stays open."""
    NEW_TAB = "new_tab"
    BLOCKED = "blocked"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Line:
    """One check; `meaning` is its outcome, `used` for the kept place that counts, `spared` for a loss without harm."""

    check: str
    light: Light
    meaning: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The outcomes of all checks in one browser."""

    outcomes: Mapping[str, str]
    browser: Browser

    @classmethod
    def of(cls, given: Mapping[str, str], browser: Browser) -> Self:
        """The diagnosis of what was found out; what is no outcome of a check counts as not found out."""
        found = {check: given.get(check, "") for check in CHECKS}
        return cls(
            {check: said if said in CHECKS[check] else CHECKS[check][0] for check, said in found.items()}, browser
        )

    @classmethod
    def read(cls, code: str) -> Self:
        """The diagnosis that a code tells, however it is spaced, in whichever case; raises Refused `diagnosis_code`."""
        typed = code.upper().translate(_MISREAD)
        values = [_ALPHABET.find(letter) for letter in typed]
        if len(values) != _SYMBOLS + 2 or -1 in values or _guards(values[:_SYMBOLS]) != tuple(values[_SYMBOLS:]):
            raise Refused("diagnosis_code")
        number = sum(value << 5 * place for place, value in enumerate(values[:_SYMBOLS]))
        fields = []
        for bits in _BITS:
            fields.append(number & (1 << bits) - 1)
            number >>= bits
        page, *outcomes, family, major = fields
        if page != PAGE or family >= len(FAMILIES) or any(map(_is_none, CHECKS.values(), outcomes)):
            raise Refused("diagnosis_code")
        told = {check: CHECKS[check][outcome] for check, outcome in zip(CHECKS, outcomes, strict=True)}
        return cls(told, Browser(FAMILIES[family], major))

    @property
    def code(self) -> str:
        """Nine letters and digits in three groups; any two mistaken ones, or two that changed places, are found out."""
        outcomes = [told.index(self.outcomes[check]) for check, told in CHECKS.items()]
        major = min(self.browser.major, NEWEST)
        number = place = 0
        for value, bits in zip((PAGE, *outcomes, FAMILIES.index(self.browser.family), major), _BITS, strict=True):
            number |= value << place
            place += bits
        values = [number >> 5 * place & 31 for place in range(_SYMBOLS)]
        letters = "".join(_ALPHABET[value] for value in (*values, *_guards(values)))
        return "-".join(letters[start : start + 3] for start in range(0, len(letters), 3))

    @property
    def used(self) -> str | None:
        """The place that Reflect uses in this browser; None if there is none."""
        places = COOKIES if self.outcomes["script"] == "off" else PLACES
        return next((place for place in places if self.outcomes[place] in _KEPT), None)

    @property
    def verdict(self) -> Verdict:
        """What to do."""
        if self.used is not None:
            if self.outcomes[self.used] == "lent":
                return Verdict.LENT
            return Verdict.FORGETFUL if self.used == "platform" else Verdict.USABLE
        if all(self.outcomes[cookie] == "unknown" for cookie in COOKIES):
            return Verdict.UNSURE
        return Verdict.NEW_TAB if self.outcomes["place"] == "frame" else Verdict.BLOCKED

    @property
    def lines(self) -> list[Line]:
        """Every check with what it means here."""
        return [self._line(check, self.outcomes[check]) for check in CHECKS]

    def _line(self, check: str, outcome: str) -> Line:
        if outcome == "unknown":
            return Line(check, Light.UNKNOWN, outcome)
        if check in PLACES:
            return self._place(check, outcome)
        is_problem = check == "window" and outcome == "blocked" and self.verdict == Verdict.NEW_TAB
        return Line(check, Light.FINE if outcome in _GOOD else Light.PROBLEM if is_problem else Light.NOTE, outcome)

    def _place(self, check: str, outcome: str) -> Line:
        if outcome in _KEPT:
            return Line(check, Light.FINE, "used" if (check, outcome) == (self.used, "kept") else outcome)
        is_spared = self.used is not None
        return Line(check, Light.NOTE if is_spared else Light.PROBLEM, "spared" if is_spared else "lost")


def _guards(values: list[int]) -> tuple[int, int]:
    """Two symbols over the field of 32 elements, which any two mistakes among all nine contradict (a Hamming code)."""
    plain = weighted = 0
    for value in values:
        plain ^= value
        doubled = weighted << 1
        weighted = (doubled ^ 0b100101 if doubled > 31 else doubled) ^ value
    return plain, weighted


def _is_none(outcomes: tuple[str, ...], number: int) -> bool:
    return number >= len(outcomes)
