"""Why a login or a launch is turned away: one exception, one table of stable codes."""

from collections.abc import Mapping
from typing import Final

STATUS: Final[Mapping[str, int]] = {
    # login
    "login_param": 400,
    "platform_unknown": 400,
    "client_ambiguous": 400,
    "registration_off": 403,
    # state and the browser it belongs to
    "state_missing": 400,
    "state_unknown": 400,
    "state_expired": 400,
    "state_used": 401,
    "browser_unproven": 401,
    "platform_refused": 400,
    # the token's form, key and signature
    "too_large": 413,
    "token_malformed": 400,
    "alg": 401,
    "kid_missing": 401,
    "kid_unknown": 401,
    "keys_unavailable": 503,
    "signature": 401,
    # who it is from, for whom and when
    "claim_missing": 400,
    "claim_type": 400,
    "issuer": 401,
    "audience": 401,
    "azp": 401,
    "mixup": 401,
    "expired": 401,
    "iat": 401,
    "nonce": 401,
    # what it says
    "version": 400,
    "message_type": 400,
    "deployment_missing": 400,
    "deployment_unknown": 403,
    "user_missing": 400,
    "roles": 400,
    "target": 400,
    "target_mismatch": 400,
    "resource_link": 400,
    "context": 400,
    "deep_link": 400,
    "submission_review": 400,
    "submission_review_role": 403,
}


class LaunchRefused(Exception):
    """A login or launch that must not go on.

    `code` is stable and shown to the person, `status` is the HTTP status, `detail` is for the
    administrator's log and never holds a token, a hint, a name or an address of a person.
    `deployment_id` is set with `deployment_unknown` only, so that the caller can remember the knock.
    """

    def __init__(self, code: str, detail: str, *, deployment_id: str | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status = STATUS[code]
        self.detail = detail
        self.deployment_id = deployment_id


def refused(code: str, detail: str, *, deployment_id: str | None = None) -> LaunchRefused:
    """The refusal to raise for `code`, which must be in `STATUS`."""
    return LaunchRefused(code, detail, deployment_id=deployment_id)


def shown(value: object) -> str:
    """A sender's own value as it may stand in a log line: quoted, on one line, 80 characters at most."""
    return ascii(value if isinstance(value, str) and len(value) <= 80 else str(value)[:80])
