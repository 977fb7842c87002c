"""An LMS's own form for a tool: what to enter there, what to read off, and how to try it."""

from collections.abc import Mapping
from dataclasses import dataclass

from reflect.web.language import marked as _

TOOL, LOGIN, LAUNCH, KEYS = "{base}/app", "{base}/lti/login", "{base}/lti/launch", "{base}/lti/keys"
HISTORY = "context_history=$Context.id.history"
"""A custom parameter that tells when a course is a copy of another."""

GROUPS = "groups=$Moodle.Person.userGroupIds"
"""A custom parameter of Moodle that tells in which groups of the course somebody is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the LMS's form: a value to copy, or (`is_choice`) something to choose or tick."""

    label: str
    value: str
    is_choice: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How one LMS is told of a tool. `reads` maps our fields to its labels, in the order in which it shows them."""

    name: str
    way_there: tuple[str, ...]
    entries: tuple[Entry, ...]
    way_back: tuple[str, ...]
    reads: Mapping[str, str]
    trial: tuple[str, ...]
    site_label: str = ""
    registers_itself: str = ""
    """Where the address for dynamic registration is pasted, in the LMS's words; empty where it knows none."""


TRIAL = (
    _("Open a course of yours in the LMS."),
    _("Add Reflect to it as an activity or a link, and open it."),
    _("Come back to this page: it shows how the launch went."),
)
