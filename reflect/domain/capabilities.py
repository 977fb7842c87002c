"""Who may do what: the one table from role to capability."""

from enum import StrEnum


class Capability(StrEnum):
    """Something a person may do in a course."""

    CREATE_CHECKINS = "create_checkins"
    CLOSE_CHECKINS = "close_checkins"
    SEE_RESULTS = "see_results"
    """Staff's view: names and answers of named check-ins, released results of anonymous ones."""
    ANSWER = "answer"


STAFF = frozenset({"teacher", "assistant"})

OF_ROLE: dict[str, frozenset[Capability]] = {
    "teacher": frozenset({Capability.CREATE_CHECKINS, Capability.CLOSE_CHECKINS, Capability.SEE_RESULTS}),
    "assistant": frozenset({Capability.CREATE_CHECKINS, Capability.CLOSE_CHECKINS, Capability.SEE_RESULTS}),
    "author": frozenset({Capability.CREATE_CHECKINS}),
    "learner": frozenset({Capability.ANSWER}),
    "observer": frozenset(),
    "none": frozenset(),
}
