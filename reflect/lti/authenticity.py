"""Whether a token is what it says: sent by this platform, for us, now, in answer to this login.

The security half of a launch (1EdTech security framework 5.1.3). Every single fault has its own code.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from reflect.lti import claims as names
from reflect.lti import token
from reflect.lti.login import Resumed
from reflect.lti.messages import MessageType
from reflect.lti.platform import Platform
from reflect.lti.refusals import LaunchRefused, refused, shown

LEEWAY: Final = 60
OLDEST: Final = 60 * 60
LONGEST_LIFE: Final = 24 * 60 * 60

Claims = Mapping[str, Any]
Known = Callable[[str, str], bool]

# claim -> the code if this one alone is missing
_ALWAYS_REQUIRED: Final = {
    "iss": "issuer",
    "aud": "audience",
    "exp": "claim_missing",
    "iat": "iat",
    "nonce": "nonce",
    names.VERSION: "version",
    names.MESSAGE_TYPE: "message_type",
    names.DEPLOYMENT_ID: "deployment_missing",
}
_REQUIRED_OF_A_LINK: Final = {
    names.ROLES: "roles",
    names.TARGET_LINK_URI: "target",
    names.RESOURCE_LINK: "resource_link",
}


# Messages that demand something else than a link does.
_DEMANDING: Final = (MessageType.DEEP_LINKING, MessageType.DATA_PRIVACY)


class PlatformKeys(Protocol):
    """Where a platform's public keys come from; `Keysets` is the real one."""

    async def key(self, platform: Platform, kid: str) -> RSAPublicKey:
        """The key; refuses `kid_unknown`, `keys_unavailable`."""


async def signed_claims(parts: token.Token, platform: Platform, keysets: PlatformKeys, known: Known) -> Claims:
    """The claims, once one of the platform's keys verified them.

    Refuses `kid_unknown`, `keys_unavailable`, `signature`, `token_malformed`; `mixup` where the token does
    not verify because it is another registration's.
    """
    try:
        return parts.claims(await keysets.key(platform, parts.kid))
    except LaunchRefused as refusal:
        if refusal.code != "token_malformed" and _is_for_another(parts, platform, known):
            raise refused("mixup", "the token is another registration's than the state") from None
        raise


def _is_for_another(parts: token.Token, platform: Platform, known: Known) -> bool:
    """Whether a token that did not verify claims to be another registration's; only words the refusal."""
    try:
        claims = token.parse(parts.payload)
    except LaunchRefused:
        return False
    return _another(claims.get("iss"), _audiences(claims.get("aud")), platform, known)


def _another(issuer: object, audiences: Sequence[str], platform: Platform, known: Known) -> bool:
    if not isinstance(issuer, str) or (issuer == platform.issuer and platform.client_id in audiences):
        return False
    return any(known(issuer, client_id) for client_id in audiences)


def _audiences(claim: object) -> Sequence[str]:
    if isinstance(claim, str):
        return (claim,)
    return claim if isinstance(claim, list) and all(isinstance(item, str) for item in claim) else ()


@lru_cache
def _required(message_type: object, anonymous_allowed: bool) -> Mapping[str, str]:
    required = dict(_ALWAYS_REQUIRED)
    if message_type == MessageType.DEEP_LINKING:
        required[names.DEEP_LINKING_SETTINGS] = "deep_link"
    elif message_type != MessageType.DATA_PRIVACY:
        required |= _REQUIRED_OF_A_LINK
    if not anonymous_allowed:
        required["sub"] = "user_missing"
    return required


def complete(claims: Claims, *, anonymous_allowed: bool) -> None:
    """Refuses a message that lacks required claims: a single one by its own code, more by `claim_missing`."""
    given = claims.get(names.MESSAGE_TYPE)
    required = _required(given if given in _DEMANDING else None, anonymous_allowed)
    missing = [name for name in required if claims.get(name) is None]
    if len(missing) == len(required):
        raise refused("token_malformed", "the token is no LTI message: it has none of the required claims")
    if missing:
        code = required[missing[0]] if len(missing) == 1 else "claim_missing"
        raise refused(code, "missing: " + ", ".join(name.removeprefix(names.PREFIX) for name in missing))


def between(claims: Claims, platform: Platform, known: Known) -> None:
    """Refuses what is not from this platform for us: `mixup`, `issuer`, `audience`, `azp`."""
    issuer, audiences = claims["iss"], _audiences(claims["aud"])
    if _another(issuer, audiences, platform, known):
        raise refused("mixup", f"the token is for {shown(issuer)}, {shown(audiences[0])}")
    if issuer != platform.issuer:
        raise refused("issuer", f"issuer is {shown(issuer)}, registered is {shown(platform.issuer)}")
    if not audiences or any(audience != platform.client_id for audience in audiences):
        raise refused("audience", f"audience is {shown(claims['aud'])}")
    if claims.get("azp") not in (None, platform.client_id):
        raise refused("azp", f"authorized party is {shown(claims['azp'])}")


def timely(claims: Claims, now: float) -> None:
    """Refuses what is too old, too young or too long-lived: `expired`, `iat`, `claim_type`; `now` in s."""
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if expires + LEEWAY <= now:
        raise refused("expired", f"the token expired {now - expires:.0f} s ago")
    if issued > now + LEEWAY:
        raise refused("iat", f"the token was issued {issued - now:.0f} s in the future")
    if issued < now - OLDEST:
        raise refused("iat", f"the token was issued {now - issued:.0f} s ago")
    if expires - issued > LONGEST_LIFE:
        raise refused("expired", f"the token is meant to live {expires - issued:.0f} s")
    if claims.get("nbf") is not None and _moment(claims, "nbf") > now + LEEWAY:
        raise refused("iat", "the token is not valid yet")


def _moment(claims: Claims, name: str) -> float:
    value = claims[name]
    # 10^15 s is far beyond any date and well within a float, unlike an integer of 4,000 digits.
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e15 < value < 1e15:
        raise refused("claim_type", f"{name} is not a number of seconds")
    return float(value)


def answering(claims: Claims, resumed: Resumed) -> None:
    """Refuses what does not answer the login that this state began: `nonce`."""
    nonce = claims["nonce"]
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), resumed.nonce.encode()):
        raise refused("nonce", "the nonce is not the one this login sent")
