"""Why a call to a platform's service came to nothing: one exception, stable codes, when to try again."""

import html
import re
from collections.abc import Awaitable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from reflect.lti import reading
from reflect.lti.outbound import Answer, OutboundFailed, OutboundRefused

LONGEST_WAIT: Final = 24 * 60 * 60.0
_OF_PLATFORM: Final = frozenset({"unresolved", "unreachable", "busy"})
_PASSING: Final = _OF_PLATFORM | {"timeout", "platform_failed"}
_OF_STATUS: Final[Mapping[int, str]] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "not_found",
    429: "busy",
}
_MOST_READ: Final = 64 * 1024
_INVISIBLE: Final = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")


class ServiceRefused(Exception):
    """A service of the platform did not do what was asked; nothing of its answer may be used.

    Codes: those of `OutboundRefused` and `OutboundFailed`; of the answer's status `unauthorized`,
    `forbidden`, `not_found`, `conflict`, `busy`, `platform_failed`, `redirected`, `rejected`; of its
    content `answer_malformed`, `too_long`, `link_malformed`, `link_elsewhere`; of our standing there
    `token_refused`, `scope_missing`, `host_unbound`. `detail` is for the administrator and holds no token
    and no person; `retry_after` is in seconds, None if the platform does not say.
    """

    def __init__(self, code: str, detail: str, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retry_after = retry_after

    @property
    def is_passing(self) -> bool:
        """Whether the same call may well succeed later."""
        return self.code in _PASSING

    @property
    def is_of_platform(self) -> bool:
        """Whether any other call to the platform is as vain for now, or is too much for it."""
        return self.code in _OF_PLATFORM


class NoToken(ServiceRefused):
    """The token service gave none, with the code that says why: no other service can be asked either."""

    @property
    def is_of_platform(self) -> bool:
        """It is."""
        return True


async def answered(call: Awaitable[Answer]) -> Answer:
    """The answer of an outbound call, of whatever status; raises `ServiceRefused` if there is none."""
    try:
        return await call
    except (OutboundRefused, OutboundFailed) as fault:
        raise ServiceRefused(fault.code, fault.detail) from fault


def of_status(answer: Answer, asked: str) -> ServiceRefused:
    """The refusal that an answer without success means; `asked` names the service for the administrator."""
    code = _OF_STATUS.get(answer.status, "rejected")
    if answer.status >= 500:
        code = "platform_failed"
    elif 300 <= answer.status < 400:
        code = "redirected"
    elif answer.status == 403 and b"rate limit exceeded" in answer.body[:_MOST_READ].lower():
        # So Canvas says 429 at many of its sites.
        code = "busy"
    return ServiceRefused(code, f"{asked} answered with status {answer.status}", _retry_after(answer.headers))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait (RFC 9110 10.2.3); a date is read against the answer's own clock, not ours."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return min(float(given), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(given) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return min(max(wait.total_seconds(), 0.0), LONGEST_WAIT)


def words(body: bytes, hidden: str | None, longest: int = 300) -> str | None:
    """What a platform says in an error page or message, for an administrator: no tags, cut, never `hidden`."""
    said = body[:_MOST_READ].decode("utf-8", "replace")
    if hidden:
        said = said.replace(hidden, "…")
    return reading.text(html.unescape(_TAG.sub(" ", _INVISIBLE.sub(" ", said))), longest)
