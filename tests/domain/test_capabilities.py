import pytest

from reflect.domain.capabilities import OF_ROLE, STAFF, Capability

STAFFS = {
    Capability.CREATE_CHECKINS,
    Capability.CLOSE_CHECKINS,
    Capability.SEE_RESULTS,
    Capability.HEAR_TALKS,
    Capability.SHARE,
    Capability.RESPOND,
}


@pytest.mark.parametrize(
    ("role", "capabilities"),
    [
        ("teacher", STAFFS),
        ("assistant", STAFFS),
        ("author", {Capability.CREATE_CHECKINS, Capability.CLOSE_CHECKINS}),
        ("learner", {Capability.ANSWER, Capability.ASK_TO_TALK}),
        ("observer", set()),
        ("none", set()),
    ],
)
def test_each_role_may_do_exactly_this(role: str, capabilities: set[Capability]) -> None:
    assert OF_ROLE[role] == capabilities


def test_there_are_six_roles() -> None:
    assert set(OF_ROLE) == {"teacher", "assistant", "author", "learner", "observer", "none"}


def test_staff_are_the_roles_that_see_results() -> None:
    assert {role for role, capabilities in OF_ROLE.items() if Capability.SEE_RESULTS in capabilities} == STAFF


def test_nobody_both_answers_and_sees_results() -> None:
    assert not [role for role, found in OF_ROLE.items() if {Capability.ANSWER, Capability.SEE_RESULTS} <= found]


def test_staff_are_the_roles_that_students_may_ask_and_no_role_asks_and_hears() -> None:
    assert {role for role, capabilities in OF_ROLE.items() if Capability.HEAR_TALKS in capabilities} == STAFF
    assert not [role for role, found in OF_ROLE.items() if {Capability.ASK_TO_TALK, Capability.HEAR_TALKS} <= found]
