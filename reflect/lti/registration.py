"""Registering ourselves with a platform: Dynamic Registration 1.0, the tool's part.

The platform's administrator opens our address with `openid_configuration` and often `registration_token`;
`platform_configuration.fetch` reads the first, the administrator confirms, `register` sends the second.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from reflect.lti import reading
from reflect.lti.messages import MessageType
from reflect.lti.outbound import Answer, Outbound
from reflect.lti.platform_configuration import SECONDS, PlatformConfiguration, RegistrationRefused, bearer
from reflect.lti.service_answers import json_object
from reflect.lti.service_refusals import ServiceRefused, answered, of_status, words
from reflect.lti.services import CONTEXT_GROUPS, LINE_ITEM, LINE_ITEM_READONLY, NAMES_AND_ROLES, SCORE

TOOL: Final = "https://purl.imsglobal.org/spec/lti-tool-configuration"
SCOPES: Final = (NAMES_AND_ROLES, LINE_ITEM, LINE_ITEM_READONLY, SCORE)
# Moodle shares names only if one of the name claims is asked for. No mail address: we have no use for it.
CLAIMS: Final = ("iss", "sub", "name", "given_name", "family_name")
# Few platforms have it, so it is asked for only where it is named.
OPTIONAL_SCOPES: Final = (CONTEXT_GROUPS,)
# Canvas gives a message without placements the first of these, and of two messages in one place keeps the first only.
_IN_CANVAS: Final[Mapping[MessageType, tuple[str, ...]]] = {
    MessageType.DEEP_LINKING: ("link_selection", "assignment_selection"),
    MessageType.RESOURCE_LINK: ("course_navigation",),
}
# Before the names of its placements, in newer versions.
_CANVAS_NAMES: Final = "https://canvas.instructure.com/lti/"
_CUSTOM: Final = {"context_history": "$Context.id.history", "groups": "$Moodle.Person.userGroupIds"}


@dataclass(frozen=True, slots=True)
class ToolDescription:
    """Us, as a platform lists us: our addresses, and words in the language of the school."""

    name: str
    description: str
    launch_label: str
    selection_label: str
    login_url: str
    launch_url: str
    target_link_uri: str
    selection_uri: str
    keyset_url: str
    logo_url: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """The platform's answer: who we are there. `deployment_id` is None where it is told later."""

    client_id: str
    deployment_id: str | None
    scopes: frozenset[str]


def registration_body(tool: ToolDescription, configuration: PlatformConfiguration) -> dict[str, Any]:
    """The client registration (Dynamic Registration 1.0 3.5.2): the least that every platform takes, no more.

    Canvas refuses members it does not know; a scope the platform does not support is not asked for.
    """
    offered = configuration.scopes or frozenset(SCOPES)
    scopes = [scope for scope in (*SCOPES, *OPTIONAL_SCOPES) if scope in offered]
    body = {
        "application_type": "web",
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "initiate_login_uri": tool.login_url,
        "redirect_uris": [tool.launch_url],
        "client_name": tool.name,
        "jwks_uri": tool.keyset_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes),
        TOOL: _tool_configuration(tool, configuration),
    }
    return body if tool.logo_url is None else body | {"logo_uri": tool.logo_url}


def _tool_configuration(tool: ToolDescription, configuration: PlatformConfiguration) -> dict[str, Any]:
    return {
        # With its port, if it has one: Moodle compares it with the address below.
        "domain": urlsplit(tool.target_link_uri).netloc,
        "target_link_uri": tool.target_link_uri,
        "description": tool.description,
        "custom_parameters": dict(_CUSTOM),
        "claims": list(CLAIMS),
        "messages": [
            _message(MessageType.RESOURCE_LINK, tool.target_link_uri, tool.launch_label, configuration),
            _message(MessageType.DEEP_LINKING, tool.selection_uri, tool.selection_label, configuration),
        ],
    }


def _message(
    kind: MessageType, target_link_uri: str, label: str, configuration: PlatformConfiguration
) -> dict[str, Any]:
    message = {"type": kind.value, "target_link_uri": target_link_uri, "label": label}
    placements = _in_canvas(kind, configuration.messages) if configuration.family == "canvas" else []
    return message | ({"placements": placements} if placements else {})


def _in_canvas(kind: MessageType, offered: Mapping[str, frozenset[str]]) -> list[str]:
    """Where Canvas is to send a message from: of what it lists, spelled as there. Older ones take no other spelling."""
    listed = offered.get(kind.value)
    if not listed:
        return list(_IN_CANVAS[kind])
    return [spelled for name in _IN_CANVAS[kind] for spelled in (name, _CANVAS_NAMES + name) if spelled in listed]


async def register(
    outbound: Outbound,
    configuration: PlatformConfiguration,
    tool: ToolDescription,
    registration_token: str | None,
) -> Registered:
    """Registers `tool`; raises `RegistrationRefused` with the platform's own words. Not to be repeated blindly:

    where the call came to nothing (`registration_unavailable`) the platform may have registered us after all.
    """
    headers = {"Accept": "application/json", "Content-Type": "application/json"} | bearer(registration_token)
    body = json.dumps(registration_body(tool, configuration)).encode()
    try:
        answer = await answered(outbound.post(configuration.registration_url, body, headers, seconds=SECONDS))
    except ServiceRefused as refused:
        raise RegistrationRefused("registration_unavailable", f"{refused.code}: {refused.detail}") from refused
    said = words(answer.body, hidden=registration_token, longest=500)
    if not 200 <= answer.status < 300:
        raise RegistrationRefused("registration_refused", of_status(answer, "the platform").detail, said)
    try:
        return _registered(answer)
    except ServiceRefused as refused:
        raise RegistrationRefused("registration_malformed", refused.detail, said) from refused


def _registered(answer: Answer) -> Registered:
    found = json_object(answer, "the platform")
    client_id, scope = reading.identifier(found.get("client_id")), found.get("scope")
    if client_id is None:
        raise ServiceRefused("answer_malformed", "the platform gave no client id")
    tool: Mapping[str, Any] = found[TOOL] if isinstance(found.get(TOOL), dict) else {}
    return Registered(
        client_id=client_id,
        deployment_id=reading.identifier(tool.get("deployment_id")),
        scopes=frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
    )
