"""Dynamic Registration 1.0, the campus's part: a tool registers itself with a token that works once."""

import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from reflect.demo.addresses import ALL_SCOPES
from reflect.demo.platform import CampusPlatform
from reflect.demo.services import ServiceRefusal
from reflect.demo.tokens import Claims
from reflect.demo.tools import Tool

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
EXPECTED: Claims = {
    "application_type": "web",
    "response_types": ["id_token"],
    "grant_types": ["client_credentials", "implicit"],
    "token_endpoint_auth_method": "private_key_jwt",
}
TEXTS = ("initiate_login_uri", "client_name", "jwks_uri", "scope")
KNOWN = frozenset({*EXPECTED, *TEXTS, "redirect_uris", "logo_uri", TOOL})
TOOL_KNOWN = frozenset({"domain", "target_link_uri", "description", "custom_parameters", "claims", "messages"})
MESSAGES = frozenset({"LtiResourceLinkRequest", "LtiDeepLinkingRequest"})


class Registering:
    """The invitations that are out: tokens that an administrator's page gave to a tool's."""

    def __init__(self, platform: CampusPlatform) -> None:
        self.platform = platform
        self._open: set[str] = set()

    def invite(self, address: str) -> str:
        """Return a tool's registration address with what it needs to register here, its own query kept."""
        token = secrets.token_urlsafe(16)
        self._open.add(token)
        asked = {
            "openid_configuration": f"{self.platform.base_url}/.well-known/openid-configuration",
            "registration_token": token,
        }
        parts = urlsplit(address)
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *asked.items()])
        return urlunsplit(parts._replace(query=query))

    def register(self, token: str, body: Any) -> Claims:
        """Take a tool in, not active yet, and return what it is told; raises ServiceRefusal."""
        if token not in self._open:
            raise ServiceRefusal(401, "invalid_token")
        configuration = _checked(body)
        self._open.remove(token)
        tool = Tool(
            client_id=secrets.token_hex(8),
            deployment_id="1",
            login_url=body["initiate_login_uri"],
            launch_url=body["redirect_uris"][0],
            target_link_uri=configuration["target_link_uri"],
            keyset_url=body["jwks_uri"],
            name=body["client_name"],
            custom=configuration.get("custom_parameters", {}),
            is_active=False,
        )
        self.platform.register(tool)
        scopes = [scope for scope in body["scope"].split() if scope in ALL_SCOPES]
        told = {name: value for name, value in body.items() if name != TOOL}
        own = {"version": "1.3.0", "deployment_id": tool.deployment_id}
        return {**told, "client_id": tool.client_id, "scope": " ".join(scopes), TOOL: {**configuration, **own}}


def _checked(body: Any) -> Claims:
    """Return the tool's own part of a body in which everything is as it should be and nothing more."""
    if not isinstance(body, dict) or not body.keys() <= KNOWN:
        raise _wrong("unknown members")
    for name, value in EXPECTED.items():
        given = body.get(name)
        if (sorted(given) if isinstance(given, list) else given) != value:
            raise _wrong(name)
    if not all(isinstance(body.get(name), str) and body[name] for name in TEXTS):
        raise _wrong("a text is missing")
    redirects, tool = body.get("redirect_uris"), body.get(TOOL)
    if not isinstance(redirects, list) or len(redirects) != 1 or not isinstance(tool, dict):
        raise _wrong("redirect_uris")
    if not tool.keys() <= TOOL_KNOWN or tool.get("domain") != urlsplit(str(tool.get("target_link_uri"))).netloc:
        raise _wrong("domain")
    if any(message.get("type") not in MESSAGES for message in tool.get("messages", [])):
        raise _wrong("messages")
    return tool


def _wrong(what: str) -> ServiceRefusal:
    return ServiceRefusal(400, f"invalid_client_metadata: {what}")
