"""What people write: how it is kept, which signs it may hold, and whether any of it can be seen.

Python's `isprintable` is no rule for that: it knows only the emoji of its own year, and refuses the unseen signs that
Persian, Hindi, flags and families of emoji are made with.
"""

import re

_PRIVATE_PLANES = "\U000f0000-\U0010ffff"
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}-{chr(plane << 16 | 0xFFFF)}" for plane in range(15)
)
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_TURNING = "\u202a-\u202e\u2066-\u2069"
"""They turn the direction of what stands after a text, too; the marks U+200E, U+200F and U+061C do not."""
_UNREADABLE = re.compile(f"[{_CONTROLS}{_TURNING}\ud800-\uf8ff{_NONCHARACTERS}{_PRIVATE_PLANES}]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Of no width or no ink (Unicode's Default_Ignorable_Code_Point, the blank of Braille, and the ends of lines)."""


def is_readable(text: str) -> bool:
    """Whether a text holds no controls but tabs and ends of lines, nothing that turns what stands beside it around,
    and nothing that means nothing to others: surrogates, private use, noncharacters."""
    return _UNREADABLE.search(text) is None


def readable(text: str) -> str:
    """A text without what is not readable."""
    return _UNREADABLE.sub("", text)


def seen(text: str) -> str:
    """A text without the signs of which nothing is seen by themselves; only to look at, never to keep."""
    return _UNSEEN.sub("", text)


def in_one_line(typed: str) -> str:
    """What was typed, with single spaces; empty where nothing of it would be seen."""
    return _if_seen(" ".join(typed.split()))


def in_lines(typed: str) -> str:
    """What was typed, in its lines; empty where nothing of it would be seen."""
    return _if_seen("\n".join(line.rstrip() for line in typed.splitlines()).strip())


def _if_seen(text: str) -> str:
    return text if seen(text).strip() else ""
