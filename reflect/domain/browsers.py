"""Which browser somebody has, by its own word. It only chooses whose steps are shown first."""

import re
from dataclasses import dataclass
from typing import Final

FAMILIES: Final = (
    "other",
    "chrome",
    "edge",
    "firefox",
    "safari",
    "safari_touch",
    "other_touch",
    "in_app",
    "moodle_app",
)
"""Browsers with steps of their own. The order is that of the codes that people read aloud: append, at most 16."""
NEWEST: Final = 255
"""The greatest major version that a code can hold."""

_SIGNS: Final = tuple(
    (family, re.compile(pattern))
    for family, pattern in (
        ("moodle_app", r"MoodleMobile[ /]?(\d*)"),
        ("in_app", r"(?:FBA[NV]|Instagram|Snapchat|MicroMessenger|musical_ly|\bLine/|\bTeams/|; wv\))()"),
        ("other_touch", r"(?:CriOS|FxiOS|EdgiOS|OPiOS)/(\d+)"),
        ("safari_touch", r"(?:iPhone|iPad|iPod).*Version/(\d+).*Safari/"),
        # A page inside an app of Apple's telephones does not call itself Safari.
        ("in_app", r"(?:iPhone|iPad|iPod)()"),
        ("edge", r"\bEdgA?/(\d+)"),
        ("other", r"\b(?:OPR|SamsungBrowser|Vivaldi|YaBrowser)/(\d+)"),
        ("firefox", r"\bFirefox/(\d+)"),
        ("chrome", r"Chrom(?:e|ium)/(\d+)"),
        ("safari", r"Version/(\d+).*Safari/"),
    )
)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser's family and its major version, 0 where that is not said."""

    family: str
    major: int


def browser_of(user_agent: str, *, has_touch: bool = False) -> Browser:
    """The browser that calls itself so. Safari on an iPad says that it is a Mac's; only its touch tells them apart."""
    for family, sign in _SIGNS:
        if found := sign.search(user_agent[:1000]):
            named = "safari_touch" if family == "safari" and has_touch else family
            return Browser(named, min(int(found[1] or 0), NEWEST) if len(found[1]) < 9 else NEWEST)
    return Browser("other", 0)
