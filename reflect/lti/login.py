"""The first two steps of a launch: the platform asks to log in, we send it an authentication request.

OpenID Connect third-party-initiated login (1EdTech security framework 5.1.1). Nothing is stored: the
`state` we send carries, signed and timed, all we need when it comes back; the nonce and the browser's
secret follow from it by HMAC. That a state is used once is the caller's to hold (code `state_used`).
"""

import base64
import hashlib
import hmac
import secrets
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from itsdangerous import Signer

from reflect.lti.platform import Platform
from reflect.lti.refusals import refused, shown

STATE_LIFETIME: Final = timedelta(minutes=10)
_LONGEST_STATE: Final = 512
_ID_BYTES: Final = 16
_DIGEST_BYTES: Final = 16
# What a state says: its random id, the registration, when it was issued (s), and what the login was for.
_SAID: Final = struct.Struct(f">{_ID_BYTES}sQQ{_DIGEST_BYTES}s")
# The parameters we read, each with the most characters it may have.
_LONGEST: Final = {
    **dict.fromkeys(("iss", "login_hint", "target_link_uri", "client_id"), 2048),
    **dict.fromkeys(("lti_deployment_id", "deployment_id", "lti_storage_target"), 2048),
    # Opaque and the platform's own; some put a whole JWT into it.
    "lti_message_hint": 8192,
}


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What a platform sent to our login address (LTI 1.3 core 4.1); none of it is signed."""

    issuer: str
    login_hint: str
    target_link_uri: str
    message_hint: str | None
    client_id: str | None
    deployment_id: str | None
    storage_target: str | None

    @classmethod
    def read(cls, pairs: Sequence[tuple[str, str]]) -> "LoginRequest":
        """Reads the decoded query or form; refuses `login_param`. Unknown parameters are ignored."""
        given: dict[str, str] = {}
        for name, value in pairs:
            if name in _LONGEST:
                given[name] = _acceptable(name, value, given)
        for name in ("iss", "login_hint", "target_link_uri"):
            if not given.get(name):
                raise refused("login_param", f"{name} is missing")
        return cls(
            issuer=given["iss"],
            login_hint=given["login_hint"],
            target_link_uri=given["target_link_uri"],
            message_hint=given.get("lti_message_hint"),
            client_id=given.get("client_id") or None,
            deployment_id=_deployment_hint(given),
            storage_target=given.get("lti_storage_target") or None,
        )


def _acceptable(name: str, value: str, given: dict[str, str]) -> str:
    if name in given:
        raise refused("login_param", f"{name} is given twice")
    if len(value) > _LONGEST[name]:
        raise refused("login_param", f"{name} has {len(value)} characters, more than {_LONGEST[name]}")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise refused("login_param", f"{name} is not Unicode text")
    return value


def _deployment_hint(given: dict[str, str]) -> str | None:
    """Canvas says `deployment_id`; a platform that says both must say the same."""
    hints = {given[name] for name in ("lti_deployment_id", "deployment_id") if given.get(name)}
    if len(hints) > 1:
        raise refused("login_param", "lti_deployment_id and deployment_id differ")
    return hints.pop() if hints else None


def choose(request: LoginRequest, platforms: Sequence[Platform]) -> Platform:
    """The registration a login is for, out of all those of its issuer.

    Refuses `platform_unknown`, `client_ambiguous`, `registration_off`. The deployment hint is unsigned
    and decides nothing.
    """
    fitting = [
        platform
        for platform in platforms
        if platform.issuer == request.issuer and request.client_id in (None, platform.client_id)
    ]
    if not fitting:
        raise refused(
            "platform_unknown",
            f"no registration for issuer {shown(request.issuer)} and client {shown(request.client_id)}",
        )
    candidates = [platform for platform in fitting if platform.enabled] or fitting
    if len(candidates) > 1:
        raise refused("client_ambiguous", f"issuer {shown(request.issuer)} has {len(candidates)} clients")
    if not candidates[0].enabled:
        raise refused("registration_off", f"registration {candidates[0].id} is switched off or pending")
    return candidates[0]


@dataclass(frozen=True, slots=True)
class Begun:
    """What a login gives: `state` and `nonce` go to the platform, `browser_secret` to the browser.

    `handle` is 10 hexadecimal digits, no secret, for the names of cookies and storage keys.
    """

    state: str
    handle: str
    nonce: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a returned state says; `id` is to be consumed once and remembered until `expires_at`."""

    id: str
    handle: str
    platform_id: int
    nonce: str
    browser_secret: str
    target_digest: str
    expires_at: datetime

    def proven_by(self, secret: str | None) -> bool:
        """Whether `secret`, from a cookie or a storage, shows that this browser began the login."""
        return secret is not None and hmac.compare_digest(
            secret.encode("utf-8", "replace"), self.browser_secret.encode()
        )


class Handshake:
    """Makes and reads `state` without storing anything; `secret` must be the same on every worker."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        # The key is derived here once; itsdangerous would derive it anew for every signature.
        key = hmac.digest(secret, b"reflect.lti.signature", "sha256")
        self._signer = Signer(key, key_derivation="none", digest_method=hashlib.sha256)
        self._clock = clock

    def begin(self, platform: Platform, request: LoginRequest) -> Begun:
        """A fresh state (128 random bits) for this registration and this target link URI."""
        key = secrets.token_bytes(_ID_BYTES)
        value = _SAID.pack(key, platform.id, int(self._clock()), _digest(request.target_link_uri))
        return Begun(
            state=self._signer.sign(_text(value)).decode("ascii"),
            handle=_handle(key),
            nonce=self._derived("nonce", key),
            browser_secret=self._derived("browser", key),
        )

    def resume(self, state: str | None) -> Resumed:
        """Reads a state that came back; refuses `state_missing`, `state_unknown`, `state_expired`."""
        if not state:
            raise refused("state_missing", "the platform sent no state back")
        if len(state) > _LONGEST_STATE or not state.isascii():
            raise refused("state_unknown", "the state is not one of ours")
        text, _, signature = state.rpartition(".")
        # Compared as written, not as decoded: a second spelling of a signature is none of ours.
        if not hmac.compare_digest(self._signer.get_signature(text), signature.encode()):
            raise refused("state_unknown", "the state is not one of ours, or was altered")
        key, platform_id, issued_at, digest = _SAID.unpack(_bytes(text.encode()))
        expires_at = datetime.fromtimestamp(issued_at, UTC) + STATE_LIFETIME
        if self._clock() > issued_at + STATE_LIFETIME.total_seconds():
            raise refused("state_expired", f"the login began at {issued_at} s")
        return Resumed(
            id=key.hex(),
            handle=_handle(key),
            platform_id=platform_id,
            nonce=self._derived("nonce", key),
            browser_secret=self._derived("browser", key),
            target_digest=digest.hex(),
            expires_at=expires_at,
        )

    def _derived(self, purpose: str, key: bytes) -> str:
        return _text(hmac.digest(self._secret, b"reflect.lti." + purpose.encode() + key, "sha256"))


def target_digest(target_link_uri: str) -> str:
    """What a state keeps of the login's target link URI (hexadecimal), to hold against the signed one."""
    return _digest(target_link_uri).hex()


def _digest(target_link_uri: str) -> bytes:
    return hashlib.sha256(target_link_uri.encode()).digest()[:_DIGEST_BYTES]


def _handle(key: bytes) -> str:
    return key.hex()[:10]


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def _bytes(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def authentication_request(platform: Platform, request: LoginRequest, begun: Begun, redirect_uri: str) -> str:
    """The URL that sends the browser on to the platform (1EdTech security framework 5.1.1.2)."""
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": redirect_uri,
        "login_hint": request.login_hint,
        "state": begun.state,
        "nonce": begun.nonce,
    }
    if request.message_hint is not None:
        parameters["lti_message_hint"] = request.message_hint
    address = urlsplit(platform.auth_url)
    ours = urlencode(parameters, quote_via=quote, safe="")
    query = f"{address.query}&{ours}" if address.query else ours
    return urlunsplit((address.scheme, address.netloc, address.path, query, ""))
