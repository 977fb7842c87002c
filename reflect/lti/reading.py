"""From verified claims to typed values: one small function a claim.

A required claim that is wrong is refused with its own code. An optional one that is absent, null or of
another shape than the specification gives it is as good as not sent.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from reflect.lti import roles
from reflect.lti.addresses import is_secure
from reflect.lti.messages import (
    Context,
    CourseGroups,
    DeepLinkingSettings,
    Grades,
    NamesAndRoles,
    Presentation,
    ResourceLink,
)
from reflect.lti.refusals import refused, shown

Claims = Mapping[str, Any]
LONGEST_TEXT: Final = 200
LONGEST_VALUE: Final = 8192
MOST_ITEMS: Final = 200
_DOCUMENT_TARGETS: Final = frozenset({"frame", "iframe", "window"})
_LOCALE: Final = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")
_UNRESOLVED: Final = re.compile(r"\$[A-Za-z][A-Za-z0-9_.]*")
# Letters of the Unicode category Cf that turn the direction of the text around them.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def identifier(value: object) -> str | None:
    """An id as LTI means it, 1 to 255 printable ASCII characters; None for anything else."""
    if isinstance(value, str) and 0 < len(value) <= 255 and value.isascii() and value.isprintable():
        return value if value.strip() else None
    return None


def text(value: object, longest: int = LONGEST_TEXT) -> str | None:
    """Words for people: no control characters, trimmed, cut; None when nothing is left."""
    if not isinstance(value, str):
        return None
    if len(value) <= longest and value.isprintable():
        return value.strip() or None
    # Cut first: a name of 10 kB must not cost 10 kB of work.
    plain = value[: 4 * longest]
    if not plain.isprintable():
        plain = "".join(_kept(character) for character in plain)
    return plain.strip()[:longest].rstrip() or None


def _kept(character: str) -> str:
    if character in "\t\n\r\v\f\u2028\u2029":
        return " "
    return "" if character in _TURNING or unicodedata.category(character) == "Cc" else character


def locale(value: object) -> str | None:
    """A language tag such as `de`, `pt-BR` or Moodle's `zh_cn`; None if it does not look like one."""
    return value if isinstance(value, str) and _LOCALE.fullmatch(value) else None


def strings(value: object) -> tuple[str, ...]:
    """The strings of a list, at most `MOST_ITEMS`; a lone string counts as a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value[:MOST_ITEMS] if isinstance(item, str)) if isinstance(value, list) else ()


def role_set(claim: object) -> roles.RoleSet:
    """The roles claim; refuses `roles` unless it is a list of strings, `too_large` beyond 200 of them."""
    if not isinstance(claim, list) or not all(isinstance(uri, str) for uri in claim):
        raise refused("roles", "the roles claim is not a list of strings")
    if len(claim) > MOST_ITEMS:
        raise refused("too_large", f"the roles claim has {len(claim)} entries")
    return roles.read(claim)


def context(claim: object) -> Context | None:
    """The context claim, if any; refuses `context` when it has no proper id (LTI 1.3 core 5.4.1)."""
    if claim is None:
        return None
    found = _object(claim)
    id_ = identifier(found.get("id"))
    if id_ is None:
        raise refused("context", f"the context's id is {shown(found.get('id'))}")
    return Context(id_, text(found.get("label")), text(found.get("title")), strings(found.get("type")))


def resource_link(claim: object) -> ResourceLink:
    """The resource link claim; refuses `resource_link` when it has no proper id (LTI 1.3 core 5.3.5)."""
    found = _object(claim)
    id_ = identifier(found.get("id"))
    if id_ is None:
        raise refused("resource_link", f"the resource link's id is {shown(found.get('id'))}")
    return ResourceLink(id_, text(found.get("title")), text(found.get("description"), LONGEST_VALUE))


def presentation(claim: object, plain_http: Callable[[str], bool]) -> Presentation:
    """How we are shown; a return URL that is no https address is dropped."""
    found = _object(claim)
    target = found.get("document_target")
    return Presentation(
        document_target=target if isinstance(target, str) and target in _DOCUMENT_TARGETS else None,
        locale=locale(found.get("locale")),
        return_url=_address(found.get("return_url"), plain_http),
    )


def custom(claim: object) -> Mapping[str, str]:
    """Custom parameters with a value: no blank ones, no null, no `$Variable` the platform left as it was.

    An empty one is a value: a variable that was filled in with nothing, such as the groups of who is in none.
    """
    found = {}
    for key, value in list(_object(claim).items())[:MOST_ITEMS]:
        plain = "" if value == "" else text(value, LONGEST_VALUE)
        if key.isprintable() and plain is not None and not _UNRESOLVED.fullmatch(plain):
            found[key] = plain
    return MappingProxyType(found)


def deep_linking(claim: object, plain_http: Callable[[str], bool]) -> DeepLinkingSettings:
    """The settings of a deep linking request (deep linking 2.0 4.4.1); refuses `deep_link`."""
    found = _object(claim)
    return_url = _address(found.get("deep_link_return_url"), plain_http)
    if return_url is None:
        raise refused("deep_link", "deep_link_return_url is missing or not an https address")
    lineitem = found.get("accept_lineitem")
    return DeepLinkingSettings(
        return_url=return_url,
        accept_types=_required_strings(found, "accept_types"),
        accept_targets=_required_strings(found, "accept_presentation_document_targets"),
        accept_multiple=found.get("accept_multiple") is True,
        accept_lineitem=lineitem if isinstance(lineitem, bool) else None,
        auto_create=found.get("auto_create") is True,
        title=text(found.get("title")),
        text=text(found.get("text"), LONGEST_VALUE),
        data=found["data"] if isinstance(found.get("data"), str) else None,
    )


def _required_strings(found: Claims, name: str) -> tuple[str, ...]:
    value = found.get(name)
    if not isinstance(value, list) or not (given := strings(value)):
        raise refused("deep_link", f"{name} is missing or empty")
    return given


def for_user(claim: object) -> str | None:
    """The id of the user whose work is to be looked at."""
    return identifier(_object(claim).get("user_id"))


def names_and_roles(claim: object, plain_http: Callable[[str], bool]) -> NamesAndRoles | None:
    """The roster service, if it is offered at an address we may call."""
    found = _object(claim)
    url = _address(found.get("context_memberships_url"), plain_http)
    return NamesAndRoles(url, strings(found.get("service_versions"))) if url else None


def grades(claim: object, plain_http: Callable[[str], bool]) -> Grades | None:
    """The grade services, if any is offered. Moodle sends `lineitem` "" for an activity without a grade."""
    found = _object(claim)
    lineitems, lineitem = (_address(found.get(name), plain_http) for name in ("lineitems", "lineitem"))
    if lineitems is None and lineitem is None:
        return None
    return Grades(strings(found.get("scope")), lineitems, lineitem)


def course_groups(claim: object, plain_http: Callable[[str], bool]) -> CourseGroups | None:
    """The groups service, if it is offered at an address we may call; sets of groups are optional there."""
    found = _object(claim)
    groups, sets = (_address(found.get(name), plain_http) for name in ("context_groups_url", "context_group_sets_url"))
    if groups is None:
        return None
    return CourseGroups(groups, sets, strings(found.get("scope")), strings(found.get("service_versions")))


def _object(claim: object) -> Claims:
    return claim if isinstance(claim, dict) else {}


def _address(value: object, plain_http: Callable[[str], bool]) -> str | None:
    return value if isinstance(value, str) and is_secure(value, plain_http) else None
