"""What the roles claim makes of a person: exact role URIs, one table, least privilege otherwise.

Only context roles give rights in a course (LTI 1.3 core appendix A). Institution and system roles,
the deprecated `lis/v2/person#` ones and anything unknown give none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What someone may be in a course, highest first."""

    TEACHER = "teacher"
    ASSISTANT = "assistant"
    LEARNER = "learner"
    OBSERVER = "observer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RoleSet:
    """The role that counts, two markers, and the URIs as they came."""

    role: Role
    is_test_user: bool
    is_mentor: bool
    uris: tuple[str, ...]


# principal context role -> (what it makes of a person, its sub-roles)
_PRINCIPAL: Final[Mapping[str, tuple[Role, str]]] = {
    "Administrator": (
        Role.TEACHER,
        (
            "Administrator Developer ExternalDeveloper ExternalSupport ExternalSystemAdministrator Support"
            " SystemAdministrator"
        ),
    ),
    "Instructor": (Role.TEACHER, "Lecturer PrimaryInstructor SecondaryInstructor"),
    "ContentDeveloper": (
        Role.ASSISTANT,
        "ContentDeveloper ContentExpert ExternalContentExpert Librarian",
    ),
    "Learner": (Role.LEARNER, "ExternalLearner GuestLearner Instructor Learner NonCreditLearner"),
    "Mentor": (
        Role.OBSERVER,
        (
            "Advisor Auditor ExternalAdvisor ExternalAuditor ExternalLearningFacilitator ExternalMentor"
            " ExternalReviewer ExternalTutor LearningFacilitator Mentor Reviewer Tutor"
        ),
    ),
    "Manager": (Role.OBSERVER, "AreaManager CourseCoordinator ExternalObserver Manager Observer"),
    "Member": (Role.NONE, "Member"),
    "Officer": (Role.NONE, "Chair Communications Secretary Treasurer Vice-Chair"),
}
_ASSISTING_INSTRUCTOR: Final = (
    "ExternalInstructor Grader GuestInstructor TeachingAssistant TeachingAssistantGroup"
    " TeachingAssistantOffering TeachingAssistantSection TeachingAssistantSectionAssociation"
    " TeachingAssistantTemplate"
)
_MEMBERSHIP: Final = "://purl.imsglobal.org/vocab/lis/v2/membership"
_TEST_USER: Final = frozenset(
    scheme + "://purl.imsglobal.org/vocab/lti/system/person#TestUser" for scheme in ("http", "https")
)


def _spellings(principal: str, sub_role: str | None) -> tuple[str, ...]:
    """Every way a context role may be written; the short name exists for principal roles only."""
    if sub_role is None:
        return (f"http{_MEMBERSHIP}#{principal}", f"https{_MEMBERSHIP}#{principal}", principal)
    return (f"http{_MEMBERSHIP}/{principal}#{sub_role}", f"https{_MEMBERSHIP}/{principal}#{sub_role}")


def _table() -> dict[str, Role]:
    table: dict[str, Role] = {}
    for principal, (role, sub_roles) in _PRINCIPAL.items():
        for sub_role in (None, *sub_roles.split()):
            table |= dict.fromkeys(_spellings(principal, sub_role), role)
    for sub_role in _ASSISTING_INSTRUCTOR.split():
        table |= dict.fromkeys(_spellings("Instructor", sub_role), Role.ASSISTANT)
    return table


_ROLE_OF: Final = _table()
_INSTRUCTOR: Final = frozenset(_spellings("Instructor", None))
_INSTRUCTOR_SUB_ROLES: Final = frozenset(uri for uri in _ROLE_OF if "/Instructor#" in uri)
_MENTOR: Final = frozenset(
    uri for uri in _ROLE_OF if uri == "Mentor" or uri.endswith("membership#Mentor") or "/Mentor#" in uri
)
_HIGHEST_FIRST: Final = tuple(Role)


def read(uris: Iterable[str]) -> RoleSet:
    """The role of someone who came with these role URIs; unknown ones count for nothing."""
    given = tuple(uris)
    present = set(given)
    speaking = present
    # A platform sends the principal role along with its sub-role; the sub-role is the exact word.
    if present & _INSTRUCTOR_SUB_ROLES:
        speaking = present - _INSTRUCTOR
    roles = {_ROLE_OF.get(uri, Role.NONE) for uri in speaking}
    return RoleSet(
        role=min(roles, key=_HIGHEST_FIRST.index, default=Role.NONE),
        is_test_user=not present.isdisjoint(_TEST_USER),
        is_mentor=not present.isdisjoint(_MENTOR),
        uris=given,
    )
