"""The authentication request, judged as strictly as Moodle does, and its answer (1EdTech Security 5.1.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reflect.demo.forging import Forgery
from reflect.demo.platform import CampusPlatform
from reflect.demo.tools import Tool

EXPECTED = {
    "scope": ("openid", "invalid_scope"),
    "response_type": ("id_token", "unsupported_response_type"),
    "response_mode": ("form_post", "invalid_request"),
    "prompt": ("none", "invalid_request"),
}


class RedirectRefused(ValueError):
    """Nobody can be told by redirect: the client or its redirect URI is not one we know."""

    code = "redirect_refused"


@dataclass(frozen=True)
class FormPost:
    """A form that the browser posts to the tool: an id_token and its state, or an error."""

    action: str
    fields: Mapping[str, str] = field(repr=False)


def answer(platform: CampusPlatform, asked: Mapping[str, str], forgery: Forgery | None = None) -> FormPost:
    """Answer an authentication request; a forgery given here goes before the one the launch was begun with.

    Raises RedirectRefused for an unknown client or redirect URI, LaunchMissing for a used or unknown hint.
    """
    tool = _tool(platform, asked)
    fault = _fault(asked)
    if fault:
        return _error(tool, asked, *fault)
    pending = platform.redeem(asked.get("lti_message_hint", ""))
    if pending.occasion.tool != tool or pending.occasion.person.sub != asked.get("login_hint"):
        return _error(tool, asked, "access_denied", "The launch was begun for another person or tool.")
    token = platform.id_token(replace(pending, forgery=forgery or pending.forgery), asked["nonce"])
    return FormPost(tool.launch_url, {"id_token": token, "state": asked.get("state", "")})


def _tool(platform: CampusPlatform, asked: Mapping[str, str]) -> Tool:
    tool = platform.tools.get(asked.get("client_id", ""))
    if tool is None or not tool.is_active:
        raise RedirectRefused("No tool with this client id is switched on here.")
    if asked.get("redirect_uri") != tool.launch_url:
        raise RedirectRefused("The redirect URI is not the one that this tool registered.")
    return tool


def _fault(asked: Mapping[str, str]) -> tuple[str, str] | None:
    for name, (wanted, error) in EXPECTED.items():
        if asked.get(name) != wanted:
            return error, f"{name} must be {wanted}"
    return None if asked.get("nonce") else ("invalid_request", "nonce is missing")


def _error(tool: Tool, asked: Mapping[str, str], error: str, description: str) -> FormPost:
    said = {"error": error, "error_description": description, "state": asked.get("state", "")}
    return FormPost(tool.launch_url, said)
