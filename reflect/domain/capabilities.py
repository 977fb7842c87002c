"""Who may do what: the one table from role to capability."""

from enum import StrEnum


class Capability(StrEnum):
    """Something a person may do in a course."""

    CREATE_CHECKINS = "create_checkins"
    CLOSE_CHECKINS = "close_checkins"
    SEE_RESULTS = "see_results"
    """Staff's view: names and answers of named check-ins, released results of anonymous ones."""
    ANSWER = "answer"
    ASK_TO_TALK = "ask_to_talk"
    """Ask an adult of the course for a talk; it has nothing to do with answers."""
    HEAR_TALKS = "hear_talks"
    """Be asked, as one of the adults whom students find named."""
    SHARE = "share"
    """Hand a check-in on: the ways to it, showing it to a room, opening it to guests and closing it to them."""
    RESPOND = "respond"
    """Give something back to a named answer, and tell the class what changed because of its answers."""


STAFF = frozenset({"teacher", "assistant"})

_OF_STAFF = frozenset(
    {
        Capability.CREATE_CHECKINS,
        Capability.CLOSE_CHECKINS,
        Capability.SEE_RESULTS,
        Capability.HEAR_TALKS,
        Capability.SHARE,
        Capability.RESPOND,
    }
)
OF_ROLE: dict[str, frozenset[Capability]] = {
    "teacher": _OF_STAFF,
    "assistant": _OF_STAFF,
    "author": frozenset({Capability.CREATE_CHECKINS, Capability.CLOSE_CHECKINS}),
    "learner": frozenset({Capability.ANSWER, Capability.ASK_TO_TALK}),
    "observer": frozenset(),
    "none": frozenset(),
}
