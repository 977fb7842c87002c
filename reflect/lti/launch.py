"""The last step of a launch: the signed id_token is verified and becomes a `Launch`.

First whether it is authentic (`authenticity`), then what it says (LTI 1.3 core 5), in an order that gives
every single fault its own code.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from reflect.lti import authenticity, reading, token
from reflect.lti import claims as names
from reflect.lti.addresses import origin
from reflect.lti.authenticity import Claims, Known, PlatformKeys
from reflect.lti.login import Resumed, target_digest
from reflect.lti.messages import Launch, MessageType
from reflect.lti.platform import Deployment, Platform
from reflect.lti.refusals import refused, shown
from reflect.lti.roles import Role, RoleSet

LTI_VERSION: Final = "1.3.0"
_LINKED: Final = frozenset({MessageType.RESOURCE_LINK, MessageType.SUBMISSION_REVIEW})
_REVIEWERS: Final = frozenset({Role.TEACHER, Role.ASSISTANT})


def _never(_url: str) -> bool:
    return False


async def verify(
    id_token: str,
    *,
    platform: Platform,
    resumed: Resumed,
    keysets: PlatformKeys,
    deployments: Sequence[Deployment],
    tool_origin: str,
    known: Known,
    now: datetime,
    plain_http: Callable[[str], bool] = _never,
) -> Launch:
    """Checks everything about a launch but the browser and the single use of its state.

    `deployments` are those of `platform`; `tool_origin` is our own base URL; `known(issuer, client_id)`
    tells whether any registration has that pair; `plain_http(url)` whether an http address is fine there
    (`Outbound.allows_plain_http`). Raises `LaunchRefused`.
    """
    if not platform.enabled:
        raise refused("registration_off", f"registration {platform.id} is switched off or pending")
    if platform.id != resumed.platform_id:
        raise refused("mixup", f"the state belongs to registration {resumed.platform_id}, not {platform.id}")
    claims = await authenticity.signed_claims(token.read(id_token), platform, keysets, known)
    deployment = _named_deployment(claims, deployments)
    authenticity.complete(claims, anonymous_allowed=deployment is not None and deployment.allow_anonymous)
    authenticity.between(claims, platform, known)
    authenticity.timely(claims, now.timestamp())
    authenticity.answering(claims, resumed)
    message_type = _message_type(claims)
    return _launch(
        claims,
        message_type=message_type,
        platform=platform,
        deployment=_installed(claims, deployment),
        target_link_uri=_target(claims, resumed, tool_origin),
        plain_http=plain_http,
    )


def _launch(
    claims: Claims,
    *,
    message_type: MessageType,
    platform: Platform,
    deployment: Deployment,
    target_link_uri: str,
    plain_http: Callable[[str], bool],
) -> Launch:
    get = claims.get
    linked = message_type in _LINKED
    chosen = message_type is MessageType.DEEP_LINKING
    roles = reading.role_set([] if get(names.ROLES) is None else get(names.ROLES))
    return Launch(
        message_type=message_type,
        platform=platform,
        deployment=deployment,
        sub=_sub(get("sub")),
        name=reading.text(get("name")),
        given_name=reading.text(get("given_name")),
        family_name=reading.text(get("family_name")),
        locale=reading.locale(get("locale")),
        roles=roles,
        context=reading.context(get(names.CONTEXT)),
        resource_link=reading.resource_link(get(names.RESOURCE_LINK)) if linked else None,
        presentation=reading.presentation(get(names.LAUNCH_PRESENTATION), plain_http),
        custom=reading.custom(get(names.CUSTOM)),
        target_link_uri=target_link_uri,
        deep_linking=reading.deep_linking(get(names.DEEP_LINKING_SETTINGS), plain_http) if chosen else None,
        for_user=_for_user(claims, message_type, roles),
        names_and_roles=reading.names_and_roles(get(names.NAMES_AND_ROLES), plain_http),
        grades=reading.grades(get(names.GRADES), plain_http),
        course_groups=reading.course_groups(get(names.COURSE_GROUPS), plain_http),
    )


def _message_type(claims: Claims) -> MessageType:
    if claims[names.VERSION] != LTI_VERSION:
        raise refused("version", f"the version is {shown(claims[names.VERSION])}, not {LTI_VERSION}")
    given = claims[names.MESSAGE_TYPE]
    try:
        return MessageType(given)
    except ValueError:
        raise refused("message_type", f"the message type is {shown(given)}") from None


def _named_deployment(claims: Claims, deployments: Sequence[Deployment]) -> Deployment | None:
    named = claims.get(names.DEPLOYMENT_ID)
    return next((deployment for deployment in deployments if deployment.deployment_id == named), None)


def _installed(claims: Claims, deployment: Deployment | None) -> Deployment:
    named = reading.identifier(claims[names.DEPLOYMENT_ID])
    if named is None:
        raise refused("deployment_missing", "the deployment id is not a string of 1 to 255 ASCII characters")
    if deployment is None:
        raise refused("deployment_unknown", f"deployment {shown(named)} is not one of ours", deployment_id=named)
    return deployment


def _sub(claim: object) -> str | None:
    """The person; None where the deployment allows anonymous launches and the token names nobody."""
    if claim is None:
        return None
    if (sub := reading.identifier(claim)) is None:
        raise refused("user_missing", "the subject is not a string of 1 to 255 ASCII characters")
    return sub


def _target(claims: Claims, resumed: Resumed, tool_origin: str) -> str:
    """The signed target: on our own origin, and the very one the login named (security framework 5.1.1.1).

    Deep linking and data privacy requests may come without one and then mean the tool itself.
    """
    target = claims.get(names.TARGET_LINK_URI)
    if target is None:
        return tool_origin
    if not isinstance(target, str) or (there := origin(target)) is None or there != origin(tool_origin):
        raise refused("target", f"the target link URI is {shown(target)}, not an address of ours")
    if not hmac.compare_digest(target_digest(target), resumed.target_digest):
        raise refused("target_mismatch", "the signed target link URI is not the one of the login")
    return target


def _for_user(claims: Claims, message_type: MessageType, roles: RoleSet) -> str | None:
    user = reading.for_user(claims.get(names.FOR_USER))
    if message_type is MessageType.SUBMISSION_REVIEW:
        if user is None:
            raise refused("submission_review", "the submission review names no user")
        if roles.role not in _REVIEWERS:
            raise refused("submission_review_role", f"a submission review was opened as {roles.role}")
    return user
