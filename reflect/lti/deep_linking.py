"""The answer to a deep linking request: what the teacher chose, signed by us (LTI deep linking 2.0 4.5)."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from reflect.lti import claims as names
from reflect.lti import keys, reading
from reflect.lti.issuance import issued
from reflect.lti.line_items import LineItemDraft
from reflect.lti.messages import DeepLinkingSettings
from reflect.lti.platform import Platform

RESOURCE_LINK: Final = "ltiResourceLink"
_PREFIX: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/"
_CUSTOM_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


class SelectionRefused(Exception):
    """The platform does not take this choice; codes `type_not_accepted`, `one_only`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when; either end may be open."""

    starts_at: datetime | None
    ends_at: datetime | None

    def on_wire(self) -> dict[str, str]:
        """The JSON of it, in UTC to the second."""
        ends = {"startDateTime": self.starts_at, "endDateTime": self.ends_at}
        return {name: _moment(at) for name, at in ends.items() if at is not None}


@dataclass(frozen=True, slots=True)
class LinkItem:
    """A link to be made in the course (deep linking 2.0 3.2). `custom` has lower_snake names and one-line values:
    Moodle sends other names twice and cuts values at a line break."""

    url: str
    title: str
    text: str | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    line_item: LineItemDraft | None = None
    available: Period | None = None
    submission: Period | None = None

    def __post_init__(self) -> None:
        for name, value in self.custom.items():
            if not _CUSTOM_NAME.fullmatch(name) or not value.isprintable():
                raise ValueError(f"custom parameter {name!r} is not a lower_snake name with a value of one line")

    def on_wire(self, *, with_line_item: bool) -> dict[str, Any]:
        """The JSON of it, without what is not set."""
        optional = {
            "text": reading.text(self.text, reading.LONGEST_VALUE),
            "custom": dict(self.custom),
            "lineItem": self.line_item.on_wire() if self.line_item is not None and with_line_item else None,
            "available": self.available.on_wire() if self.available is not None else None,
            "submission": self.submission.on_wire() if self.submission is not None else None,
        }
        required = {"type": RESOURCE_LINK, "url": self.url, "title": reading.text(self.title) or self.url}
        return required | {name: value for name, value in optional.items() if value}


def takes_links(settings: DeepLinkingSettings) -> bool:
    """Whether the dialog takes links to us at all."""
    return RESOURCE_LINK in settings.accept_types


def takes_line_items(settings: DeepLinkingSettings) -> bool:
    """Whether a line item is worth offering: a platform that says nothing may still make one, as Moodle does."""
    return settings.accept_lineitem is not False


def response(
    settings: DeepLinkingSettings,
    items: Sequence[LinkItem],
    *,
    platform: Platform,
    deployment_id: str,
    pair: keys.KeyPair,
    now: datetime,
    message: str | None = None,
    error: str | None = None,
) -> str:
    """The signed token to post as `JWT` to `settings.return_url`; no items mean that nothing was chosen.

    `message` and `error` are sentences for the person at the platform. Line items are left out where the
    platform says that it ignores them. Raises `SelectionRefused`.
    """
    if items and not takes_links(settings):
        raise SelectionRefused("type_not_accepted")
    if len(items) > 1 and not settings.accept_multiple:
        raise SelectionRefused("one_only")
    optional = {"data": settings.data, "msg": reading.text(message), "errormsg": reading.text(error)}
    with_line_item = takes_line_items(settings)
    claims = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        **issued(now),
        "nonce": secrets.token_urlsafe(24),
        names.DEPLOYMENT_ID: deployment_id,
        names.MESSAGE_TYPE: "LtiDeepLinkingResponse",
        names.VERSION: "1.3.0",
        _PREFIX + "content_items": [item.on_wire(with_line_item=with_line_item) for item in items],
        **{_PREFIX + name: value for name, value in optional.items() if value is not None},
    }
    return keys.sign(claims, pair)


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a period needs moments with a time zone")
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
