"""The claims of a launch, complete as Moodle's are (LTI Core 5)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from reflect.demo import addresses
from reflect.demo.dialogs import CLAIM as DIALOG
from reflect.demo.dialogs import Dialog
from reflect.demo.people import Activity, Course, Person, Where
from reflect.demo.tokens import Claims
from reflect.demo.tools import Tool

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
LIFETIME = 60
NO_ACTIVITY = Activity("0", "", "", "iframe")
"""Stands where none is opened: in the content dialog."""


@dataclass(frozen=True)
class Occasion:
    """Who opens which activity of which course, with which tool, and where it opens; or the content dialog."""

    person: Person
    course: Course
    activity: Activity
    tool: Tool
    opens_in: Where
    dialog: Dialog | None = None

    @property
    def target(self) -> str:
        """Return the address of the tool that is to open."""
        return self.activity.url or self.tool.target_link_uri


def launch_claims(occasion: Occasion, issuer: str, school: str, nonce: str, now: datetime) -> Claims:
    """Return all claims of a right launch or content dialog; `now` is aware, the token lives for 60 seconds."""
    tool, person = occasion.tool, occasion.person
    issued = int(now.timestamp())
    named = {name: getattr(person, name) for name in ("sub", "name", "given_name", "family_name", "email")}
    lti = {
        "message_type": "LtiDeepLinkingRequest" if occasion.dialog else "LtiResourceLinkRequest",
        "version": "1.3.0",
        "deployment_id": tool.deployment_id,
        "target_link_uri": occasion.target,
        "roles": list(person.roles.get(occasion.course.id, ())),
        **_place(occasion),
        "launch_presentation": _presentation(occasion, issuer),
        "tool_platform": {
            "guid": issuer,
            "name": school,
            "product_family_code": "demo-campus",
            "version": "1",
        },
        "custom": _custom(occasion),
    }
    if person.mentors:
        lti["role_scope_mentor"] = list(person.mentors)
    envelope = {"iss": issuer, "aud": tool.client_id, "iat": issued, "exp": issued + LIFETIME, "nonce": nonce}
    return envelope | named | {LTI + name: value for name, value in lti.items()} | _services(occasion, issuer)


def _services(occasion: Occasion, issuer: str) -> Claims:
    """Where roster, groups and gradebook are, and what the dialog wants, each by its own specification's claim."""
    course, activity, dialog = occasion.course, occasion.activity, occasion.dialog
    grades = {"scope": list(addresses.GRADE_SCOPES), "lineitems": addresses.line_items(issuer, course.id)}
    if activity.line_item:
        grades["lineitem"] = addresses.line_item(issuer, course.id, activity.line_item)
    url = addresses.memberships(issuer, course.id)
    claims: Claims = {ROSTER: {"context_memberships_url": url, "service_versions": ["2.0"]}, GRADES: grades}
    claims[GROUPS] = {
        "context_groups_url": addresses.groups(issuer, course.id),
        "scope": [addresses.GROUPS_SCOPE],
        "service_versions": ["1.0"],
    }
    if dialog:
        asked = urlencode({"as": occasion.person.sub, "ticket": dialog.ticket})
        claims[DIALOG + "deep_linking_settings"] = dialog.settings(f"{issuer}/courses/{course.id}/content?{asked}")
    return claims


def _place(occasion: Occasion) -> Claims:
    course, activity = occasion.course, occasion.activity
    link = {"id": activity.id, "title": activity.title, "description": activity.description}
    return {
        "context": {"id": course.id, "label": course.label, "title": course.title, "type": ["CourseSection"]},
        **({} if occasion.dialog else {"resource_link": link}),
        "lis": {"person_sourcedid": "", "course_section_sourcedid": ""},
        "ext": {"user_username": occasion.person.username, "lms": "demo-campus"},
    }


def _presentation(occasion: Occasion, issuer: str) -> Mapping[str, str]:
    # Moodle's return address holds a secret of the session, which no tool may log; so ours holds one too.
    asked = urlencode({"as": occasion.person.sub, "sesskey": secrets.token_hex(5)})
    return {
        "locale": occasion.person.locale,
        "document_target": occasion.opens_in,
        "return_url": f"{issuer}/courses/{occasion.course.id}?{asked}",
    }


def _custom(occasion: Occasion) -> Mapping[str, Any]:
    values = {
        "$Context.id.history": ",".join(occasion.course.history),
        "$Moodle.Person.userGroupIds": ",".join(occasion.person.groups.get(occasion.course.id, ())),
        "$Person.address.timezone": occasion.course.timezone,
        "$ResourceLink.title": occasion.activity.title,
    }
    wanted = {**occasion.tool.custom, **occasion.activity.custom}
    return {name: values.get(value, value) for name, value in wanted.items()}
