"""The content dialog: what the campus asks for, and what it takes of the answer (LTI Deep Linking 2.0)."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reflect.demo.tokens import Claims
from reflect.demo.tools import Tool, origin_of

CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RESOURCE_LINK = "ltiResourceLink"
KNOWN = frozenset({"type", "url", "title", "text", "custom", "lineItem", "available", "submission"})
CUSTOM_NAME = re.compile("[a-z][a-z0-9_]*")


class SelectionRefused(ValueError):
    """What the tool sent back is not what this dialog takes."""

    code = "selection_refused"


@dataclass(frozen=True)
class Dialog:
    """One opening of the dialog; `ticket` is in its return address and works once, `data` must come back.

    None for `accept_lineitem` says nothing about it.
    """

    accept_types: tuple[str, ...] = (RESOURCE_LINK,)
    accept_multiple: bool = True
    accept_lineitem: bool | None = True
    data: str | None = field(default_factory=lambda: secrets.token_hex(4))
    ticket: str = field(default_factory=lambda: secrets.token_hex(8))

    def settings(self, return_url: str) -> Claims:
        """Return the claim deep_linking_settings (4.4.1)."""
        optional = {"accept_lineitem": self.accept_lineitem, "data": self.data}
        return {
            "deep_link_return_url": return_url,
            "accept_types": list(self.accept_types),
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": self.accept_multiple,
            "auto_create": False,
            "title": "",
            "text": "",
            **{name: value for name, value in optional.items() if value is not None},
        }


@dataclass(frozen=True)
class Item:
    """A link that the tool wants in the course; `column` is its line item as it came, or empty."""

    url: str
    title: str
    text: str
    custom: Mapping[str, str]
    column: Mapping[str, Any]


def chosen(claims: Claims, dialog: Dialog, tool: Tool) -> list[Item]:
    """Return the items of a believed answer; raises SelectionRefused unless all of it fits (4.4.2)."""
    lti = "https://purl.imsglobal.org/spec/lti/claim/"
    expected = {
        lti + "message_type": "LtiDeepLinkingResponse",
        lti + "version": "1.3.0",
        lti + "deployment_id": tool.deployment_id,
        CLAIM + "data": dialog.data,
    }
    for name, value in expected.items():
        if claims.get(name) != value:
            raise SelectionRefused(f"{name} is {claims.get(name)!r}")
    items = claims.get(CLAIM + "content_items", [])
    if not isinstance(items, list) or (len(items) > 1 and not dialog.accept_multiple):
        raise SelectionRefused("This is not a list of as many things as were asked for.")
    return [_item(item, dialog, tool) for item in items]


def _item(item: Any, dialog: Dialog, tool: Tool) -> Item:
    if not isinstance(item, dict) or item.get("type") not in dialog.accept_types or not item.keys() <= KNOWN:
        raise SelectionRefused("An item is of a kind that was not asked for.")
    url, title, custom = item.get("url"), item.get("title"), item.get("custom", {})
    if not isinstance(url, str) or origin_of(url) != origin_of(tool.target_link_uri):
        raise SelectionRefused("An item does not lead to the tool.")
    if not isinstance(title, str) or not title.strip():
        raise SelectionRefused("An item has no title.")
    if not isinstance(custom, dict) or not all(map(_is_plain, custom.keys(), custom.values())):
        raise SelectionRefused("A custom value is not of one line under a plain name.")
    return Item(url, title, str(item.get("text", "")), custom, _column(item.get("lineItem"), dialog))


def _is_plain(name: object, value: object) -> bool:
    """Moodle sends names in other letters twice, and cuts values at a line break."""
    fits = isinstance(name, str) and isinstance(value, str) and CUSTOM_NAME.fullmatch(name) and value.isprintable()
    return bool(fits)


def _column(line_item: Any, dialog: Dialog) -> Mapping[str, Any]:
    if line_item is None:
        return {}
    if dialog.accept_lineitem is False:
        raise SelectionRefused("A line item came that was not wanted.")
    maximum = line_item.get("scoreMaximum") if isinstance(line_item, dict) else None
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or maximum <= 0:
        raise SelectionRefused("A line item has no maximum above 0.")
    return dict(line_item)
