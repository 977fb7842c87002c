"""The groups inside a course: Course Groups Service 1.0, all of them or none.

Who is in which is not here but in the roster, member by member (`roster.fetch` with `with_groups`).
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from reflect.lti import reading
from reflect.lti.outbound import Answer
from reflect.lti.paging import pages
from reflect.lti.service_answers import json_object
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.services import CONTEXT_GROUPS, Connection

MEDIA_TYPE: Final = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
MOST_GROUPS: Final = 5_000
TOTAL_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a course; `id` is what members' enrolments name. None where the platform gives it no name."""

    id: str
    name: str | None


async def fetch(connection: Connection, groups_url: str, *, seconds: float = TOTAL_SECONDS) -> tuple[Group, ...]:
    """All groups behind `CourseGroups.groups_url`, each once, within `seconds`; raises `ServiceRefused`."""
    found: dict[str, Group] = {}
    try:
        async with (
            asyncio.timeout(seconds),
            aclosing(pages(connection, groups_url, accept=MEDIA_TYPE, scopes={CONTEXT_GROUPS})) as answers,
        ):
            async for answer in answers:
                found |= {group.id: group for group in _groups(answer)}
                if len(found) > MOST_GROUPS:
                    raise ServiceRefused("too_long", f"the course has more than {MOST_GROUPS} groups")
    except TimeoutError:
        raise ServiceRefused("timeout", f"the groups took longer than {seconds:g} s") from None
    return tuple(found.values())


def _groups(answer: Answer) -> list[Group]:
    listed = json_object(answer, "the groups service").get("groups")
    if not isinstance(listed, list):
        raise ServiceRefused("answer_malformed", "the groups service did not answer with groups")
    return [_group(group) for group in listed]


def _group(entry: object) -> Group:
    found: Mapping[str, Any] = entry if isinstance(entry, dict) else {}
    id_ = reading.identifier(found.get("id"))
    if id_ is None:
        raise ServiceRefused("answer_malformed", "a group has no id")
    return Group(id_, reading.text(found.get("name")))
