import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.lti import roles
from reflect.lti.roles import Role

CONTEXT = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
TEACHING = {
    *(CONTEXT + end for end in ("#Instructor", "#Administrator")),
    *(CONTEXT + "/Instructor#" + name for name in ("Lecturer", "PrimaryInstructor", "SecondaryInstructor")),
    *(
        CONTEXT + "/Administrator#" + name
        for name in [
            "Administrator",
            "Developer",
            "ExternalDeveloper",
            "ExternalSupport",
            "ExternalSystemAdministrator",
            "Support",
            "SystemAdministrator",
        ]
    ),
}


@pytest.mark.parametrize(
    ("uris", "role"),
    [
        ([CONTEXT + "#Instructor"], Role.TEACHER),
        ([CONTEXT + "#Administrator"], Role.TEACHER),
        ([CONTEXT + "#Learner"], Role.LEARNER),
        ([CONTEXT + "#Mentor"], Role.OBSERVER),
        ([CONTEXT + "#Manager"], Role.OBSERVER),
        ([CONTEXT + "#ContentDeveloper"], Role.ASSISTANT),
        ([CONTEXT + "#Member"], Role.NONE),
        ([CONTEXT + "#Officer"], Role.NONE),
        ([CONTEXT + "/Instructor#PrimaryInstructor"], Role.TEACHER),
        ([CONTEXT + "/Instructor#TeachingAssistant"], Role.ASSISTANT),
        ([CONTEXT + "/Instructor#TeachingAssistantSectionAssociation"], Role.ASSISTANT),
        ([CONTEXT + "/Instructor#Grader"], Role.ASSISTANT),
        ([CONTEXT + "/Instructor#GuestInstructor"], Role.ASSISTANT),
        ([CONTEXT + "/Learner#GuestLearner"], Role.LEARNER),
        ([CONTEXT + "/Mentor#Tutor"], Role.OBSERVER),
        ([CONTEXT + "/Officer#Vice-Chair"], Role.NONE),
        (["Instructor"], Role.TEACHER),
        (["Learner"], Role.LEARNER),
        (["TeachingAssistant"], Role.NONE),
        ([CONTEXT.replace("http:", "https:") + "#Instructor"], Role.TEACHER),
        ([], Role.NONE),
        ([""], Role.NONE),
    ],
)
def test_a_context_role_gives_its_place_in_the_course(uris: list[str], role: Role) -> None:
    assert roles.read(uris).role is role


def test_a_learner_subrole_named_instructor_stays_a_learner() -> None:
    assert roles.read([CONTEXT + "/Learner#Instructor"]).role is Role.LEARNER


@pytest.mark.parametrize(
    "uri",
    [
        INSTITUTION + "Instructor",
        INSTITUTION + "Faculty",
        INSTITUTION + "Administrator",
        SYSTEM + "Administrator",
        SYSTEM + "SysAdmin",
        "http://purl.imsglobal.org/vocab/lis/v2/person#Instructor",
        "NotInstructor",
        "instructor",
        "Instructor ",
        "https://evil.example/membership#Instructor",
        "http://purl.imsglobal.org.evil.example/vocab/lis/v2/membership#Instructor",
        CONTEXT + "#instructor",
        CONTEXT + "#Instructor#Instructor",
        CONTEXT + "/Instructor#Invented",
        CONTEXT + "/Invented#Instructor",
        CONTEXT + "/Instructor",
        "http://purl.imsglobal.org/vocab/unknown/unknown#Helper",
    ],
)
def test_nothing_but_an_exact_context_role_gives_rights(uri: str) -> None:
    assert roles.read([uri]).role is Role.NONE


@pytest.mark.parametrize(
    ("uris", "role"),
    [
        ([CONTEXT + "#Instructor", CONTEXT + "/Instructor#TeachingAssistant"], Role.ASSISTANT),
        (["Instructor", CONTEXT + "/Instructor#Grader"], Role.ASSISTANT),
        ([CONTEXT + "#Instructor", CONTEXT + "/Instructor#Lecturer"], Role.TEACHER),
        ([CONTEXT + "#Instructor", CONTEXT + "/Instructor#Invented"], Role.TEACHER),
        ([CONTEXT + "#Administrator", CONTEXT + "/Instructor#TeachingAssistant"], Role.TEACHER),
        (
            [
                CONTEXT + "/Instructor#Grader",
                CONTEXT + "/Instructor#PrimaryInstructor",
                CONTEXT + "#Instructor",
            ],
            Role.TEACHER,
        ),
    ],
)
def test_a_sub_role_of_instructor_narrows_the_principal_role(uris: list[str], role: Role) -> None:
    assert roles.read(uris).role is role


@pytest.mark.parametrize(
    ("uris", "role"),
    [
        ([CONTEXT + "#Learner", CONTEXT + "#Instructor"], Role.TEACHER),
        ([CONTEXT + "#Mentor", CONTEXT + "#Learner", INSTITUTION + "Student"], Role.LEARNER),
        ([CONTEXT + "#Instructor", INSTITUTION + "Staff", INSTITUTION + "Other"], Role.TEACHER),
        ([INSTITUTION + "Administrator", CONTEXT + "#Instructor", SYSTEM + "Administrator"], Role.TEACHER),
        (["http://purl.imsglobal.org/vocab/unknown/unknown#Helper", CONTEXT + "#Learner"], Role.LEARNER),
    ],
)
def test_the_highest_of_several_context_roles_counts(uris: list[str], role: Role) -> None:
    assert roles.read(uris).role is role


def test_a_test_user_is_marked_and_has_only_the_course_role_that_came_along() -> None:
    assert roles.read([TEST_USER]) == roles.RoleSet(Role.NONE, True, False, (TEST_USER,))
    assert roles.read([TEST_USER, CONTEXT + "#Learner"]).role is Role.LEARNER


@pytest.mark.parametrize("uri", [CONTEXT + "#Mentor", CONTEXT + "/Mentor#Advisor", "Mentor"])
def test_a_mentor_is_marked(uri: str) -> None:
    assert roles.read([uri]).is_mentor
    assert not roles.read([CONTEXT + "#Learner"]).is_mentor


PIECES = st.sampled_from(
    [
        CONTEXT,
        CONTEXT + "/",
        "#",
        "/",
        "Instructor",
        "Learner",
        "Administrator",
        "TeachingAssistant",
        "http://",
        " ",
    ]
)
URIS = st.lists(st.text() | st.lists(PIECES, max_size=5).map("".join), max_size=8)


@given(URIS)
def test_nobody_is_a_teacher_without_an_exact_teaching_role(uris: list[str]) -> None:
    spelt = {uri.replace("https:", "http:", 1) for uri in uris} & TEACHING
    is_named = bool(spelt) or not {"Instructor", "Administrator"}.isdisjoint(uris)
    assert is_named or roles.read(uris).role is not Role.TEACHER


@given(URIS)
def test_order_and_repetition_of_roles_change_nothing(uris: list[str]) -> None:
    assert roles.read(uris).role is roles.read([*reversed(uris), *uris]).role


@given(URIS)
def test_an_unknown_role_never_raises_nor_lowers_anybody(uris: list[str]) -> None:
    assert roles.read([*uris, "https://unknown.example/role#Instructor"]).role is roles.read(uris).role
