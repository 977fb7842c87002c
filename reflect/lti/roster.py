"""Who is in a course: Names and Role Provisioning Services 2.0, all of it or nothing."""

import asyncio
import html
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from reflect.lti import reading, roles
from reflect.lti.outbound import Answer
from reflect.lti.paging import pages
from reflect.lti.service_answers import json_object
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.services import NAMES_AND_ROLES, Connection

MEDIA_TYPE: Final = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MOST_MEMBERS: Final = 20_000
TOTAL_SECONDS: Final = 120.0
# Asked for, so that a large course does not come as one page too large to take.
_PAGE_SIZE: Final = 500


class Status(StrEnum):
    """Whether a member is still there (NRPS 2.0 2.2), the strongest first."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETED = "deleted"


_STRONGEST_FIRST: Final = tuple(Status)


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the roster; `user_id` is the `sub` of a launch. Names come only where the platform shares them."""

    user_id: str
    roles: roles.RoleSet
    status: Status
    name: str | None
    given_name: str | None
    family_name: str | None
    group_ids: frozenset[str] | None = None
    """Groups of the course (Course Groups Service 1.0); None where the platform does not say."""


@dataclass(frozen=True, slots=True)
class Roster:
    """All members of one course, each once, in the platform's order."""

    members: tuple[Member, ...]


async def fetch(
    connection: Connection, memberships_url: str, *, with_groups: bool = False, seconds: float = TOTAL_SECONDS
) -> Roster:
    """The whole roster behind `NamesAndRoles.memberships_url`, within `seconds`; raises `ServiceRefused`.

    `with_groups` asks for each member's groups, which only a platform with the Course Groups Service gives.
    An assistant may come as a plain learner (Moodle does so): who launched as staff is staff nevertheless.
    """
    found: dict[str, Member] = {}
    asked = {"limit": str(_PAGE_SIZE)} | ({"groups": "true"} if with_groups else {})
    first = _with_query(memberships_url, asked)
    try:
        async with (
            asyncio.timeout(seconds),
            aclosing(pages(connection, first, accept=MEDIA_TYPE, scopes={NAMES_AND_ROLES})) as answers,
        ):
            async for answer in answers:
                for member in _members(answer):
                    earlier = found.get(member.user_id)
                    found[member.user_id] = member if earlier is None else _joined(earlier, member)
                if len(found) > MOST_MEMBERS:
                    raise ServiceRefused("too_long", f"the roster has more than {MOST_MEMBERS} members")
    except TimeoutError:
        raise ServiceRefused("timeout", f"the roster took longer than {seconds:g} s") from None
    return Roster(tuple(found.values()))


def _with_query(url: str, asked: Mapping[str, str]) -> str:
    """The address with what is asked for, where it does not say itself."""
    parts = urlsplit(url)
    said = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = urlencode({name: value for name, value in asked.items() if name not in said})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))


def _members(answer: Answer) -> list[Member]:
    listed = json_object(answer, "the roster service").get("members")
    if not isinstance(listed, list):
        raise ServiceRefused("answer_malformed", "the roster service did not answer with members")
    return [_member(member) for member in listed]


def _member(entry: object) -> Member:
    found: Mapping[str, Any] = entry if isinstance(entry, dict) else {}
    user_id = reading.identifier(found.get("user_id"))
    if user_id is None:
        raise ServiceRefused("answer_malformed", "a member of the roster has no user_id")
    return Member(
        user_id=user_id,
        roles=roles.read(reading.strings(found.get("roles"))),
        status=_status(found.get("status")),
        name=_name(found.get("name")),
        given_name=_name(found.get("given_name")),
        family_name=_name(found.get("family_name")),
        group_ids=_group_ids(found.get("group_enrollments")),
    )


def _group_ids(given: object) -> frozenset[str] | None:
    """The groups that a member is enrolled in; a list that cannot be read would look like groups that were left."""
    if given is None:
        return None
    listed = given if isinstance(given, list) else [None]
    ids = [reading.identifier(entry.get("group_id")) if isinstance(entry, dict) else None for entry in listed]
    if None in ids:
        raise ServiceRefused("answer_malformed", "a member's groups cannot be told apart")
    return frozenset(id_ for id_ in ids if id_ is not None)


def _status(given: object) -> Status:
    """Active unless said otherwise; a word we do not know is a reason not to count somebody."""
    if given is None:
        return Status.ACTIVE
    try:
        return Status(str(given).lower())
    except ValueError:
        return Status.INACTIVE


def _name(given: object) -> str | None:
    # Moodle escapes names for HTML here, though not in launches.
    return reading.text(html.unescape(given[: reading.LONGEST_VALUE])) if isinstance(given, str) else None


def _joined(earlier: Member, later: Member) -> Member:
    """Somebody who is listed twice, as with two enrolments: all roles, the stronger status."""
    return Member(
        user_id=earlier.user_id,
        roles=roles.read((*earlier.roles.uris, *later.roles.uris)),
        status=min(earlier.status, later.status, key=_STRONGEST_FIRST.index),
        name=earlier.name or later.name,
        given_name=earlier.given_name or later.given_name,
        family_name=earlier.family_name or later.family_name,
        group_ids=earlier.group_ids
        if later.group_ids is None
        else later.group_ids | (earlier.group_ids or frozenset()),
    )
