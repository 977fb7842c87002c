"""What a real Moodle 4.5 sent (hosts renamed, session keys removed), signed again and verified."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from reflect.lti import Launch, LoginRequest, keys, login
from reflect.lti import claims as names
from reflect.lti.messages import MessageType
from reflect.lti.roles import Role

from .campus import Campus

RECORDINGS = Path(__file__).parent / "recordings"
# recording -> role, sub, context, resource link, document target
EXPECTED = {
    "launch_admin": (Role.TEACHER, "2", "2", "1", "iframe"),
    "launch_admin_in_copied_course_without_users": (Role.TEACHER, "2", "4", "53", "iframe"),
    "launch_editingteacher": (Role.TEACHER, "3", "2", "1", "iframe"),
    "launch_nonediting_teacher": (Role.TEACHER, "4", "2", "1", "iframe"),
    "launch_student": (Role.LEARNER, "5", "2", "1", "iframe"),
    "launch_student_activity_duplicated": (Role.LEARNER, "5", "2", "26", "iframe"),
    "launch_student_arabic": (Role.LEARNER, "6", "2", "1", "iframe"),
    "launch_student_deep_linked_graded": (Role.LEARNER, "5", "2", "8", "iframe"),
    "launch_student_deep_linked_odd_custom": (Role.LEARNER, "5", "2", "12", "iframe"),
    "launch_student_html_in_name": (Role.LEARNER, "10", "2", "1", "iframe"),
    "launch_student_in_copied_course": (Role.LEARNER, "5", "3", "27", "iframe"),
    "launch_student_new_window": (Role.LEARNER, "7", "2", "3", "window"),
    "launch_student_no_name_no_email": (Role.LEARNER, "10", "2", "14", "iframe"),
    "launch_student_same_window": (Role.LEARNER, "7", "2", "4", "frame"),
    "launch_teacher_manual_registration": (Role.TEACHER, "3", "2", "22", "iframe"),
    "launch_teacher_switched_to_student_role": (Role.LEARNER, "3", "2", "1", "iframe"),
}


def recorded(name: str) -> dict[str, Any]:
    loaded = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def replayed(name: str, campus: Campus) -> Launch:
    """The recorded login goes through login, its claims through verify; only nonce and times are ours."""
    recording = recorded(name)
    request = LoginRequest.read(list(recording["login"].items()))
    deployment_id = recording["claims"][names.DEPLOYMENT_ID]
    moodle = campus.at(request.issuer, recording["claims"]["aud"], request.target_link_uri)
    moodle.deployments = (type(campus.deployments[0])(1, deployment_id, False),)
    assert login.choose(request, [moodle.platform]) == moodle.platform
    begun = moodle.handshake.begin(moodle.platform, request)
    asked = urlsplit(login.authentication_request(moodle.platform, request, begun, "https://r.example/lti/launch"))
    assert dict(parse_qsl(asked.query))["lti_message_hint"] == recording["login"]["lti_message_hint"]
    issued_at = int(moodle.now.timestamp())
    times = {"nonce": begun.nonce, "iat": issued_at, "exp": issued_at + 60}
    return moodle.verify(keys.sign(recording["claims"] | times, moodle.pair), moodle.handshake.resume(begun.state))


def test_every_recording_is_expected() -> None:
    assert {path.stem for path in RECORDINGS.glob("launch_*.json")} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_moodle_launch_is_admitted_with_its_role_and_ids(name: str, campus: Campus) -> None:
    launch = replayed(name, campus)
    assert launch.context is not None and launch.resource_link is not None
    ids = (launch.sub, launch.context.id, launch.resource_link.id)
    assert (launch.roles.role, *ids, launch.presentation.document_target) == EXPECTED[name]
    assert launch.context.types == ("CourseSection",)
    assert launch.names_and_roles is not None and "2.0" in launch.names_and_roles.versions
    assert launch.presentation.return_url is not None


@pytest.mark.parametrize("name", EXPECTED)
def test_custom_values_that_moodle_could_not_fill_are_as_not_given(name: str, campus: Campus) -> None:
    sent = recorded(name)["claims"][names.CUSTOM]
    kept = {key: value for key, value in sent.items() if value not in (None, "$Not.AVariable")}
    assert replayed(name, campus).custom == kept
    assert ("unknown" not in kept and "fixed" in kept) or "fixed" not in sent


def test_names_come_whole_in_every_script_and_are_absent_where_moodle_withholds_them(campus: Campus) -> None:
    assert replayed("launch_student_arabic", campus).name == "سارة الأحمد"
    assert replayed("launch_student_new_window", campus).name == "李 雷"
    assert replayed("launch_student_html_in_name", campus).name == 'Åsa  Öberg & "Co"'
    withheld = replayed("launch_student_no_name_no_email", campus)
    assert (withheld.name, withheld.given_name, withheld.family_name) == (None, None, None)
    assert withheld.custom["uid"] == "10"


def test_a_graded_activity_has_a_line_item_and_an_ungraded_one_has_none(campus: Campus) -> None:
    graded = replayed("launch_student_deep_linked_graded", campus)
    assert graded.grades is not None and graded.grades.lineitem is not None
    assert graded.grades.lineitem.endswith("/2/lineitems/2/lineitem?type_id=1")
    assert graded.custom["checkin_id"] == "42"
    ungraded = replayed("launch_student_activity_duplicated", campus)
    assert ungraded.grades is not None and ungraded.grades.lineitem is None
    assert len(ungraded.grades.scopes) == 4
    assert replayed("launch_student_no_name_no_email", campus).grades is None


def test_a_copied_course_tells_where_it_comes_from(campus: Campus) -> None:
    assert replayed("launch_student_in_copied_course", campus).custom["ctx_history"] == "2"
    assert replayed("launch_student", campus).custom["ctx_history"] == ""


def test_the_groups_of_who_launches_come_as_numbers_and_none_as_an_empty_list(campus: Campus) -> None:
    assert replayed("launch_student", campus).custom["groups"] == "1"
    assert replayed("launch_student_in_copied_course", campus).custom["groups"] == "3"
    assert replayed("launch_editingteacher", campus).custom["groups"] == ""
    assert replayed("launch_student", campus).course_groups is None, "Moodle itself has no groups service"


def test_a_moodle_deep_linking_request_is_admitted(campus: Campus) -> None:
    launch = replayed("deep_linking_request", campus)
    assert launch.message_type is MessageType.DEEP_LINKING
    assert launch.deep_linking is not None
    assert launch.deep_linking.accept_types == ("ltiResourceLink",)
    assert (launch.deep_linking.accept_multiple, launch.deep_linking.data) == (True, None)
    assert (launch.roles.role, launch.resource_link) == (Role.TEACHER, None)
