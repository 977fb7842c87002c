"""A tool as the campus knows it once an administrator has registered it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Tool:
    """A registered LTI 1.3 tool; `launch_url` is its one redirect URI, `custom` goes with every launch.

    One that registered itself is not active before an administrator said so, as in Moodle.
    """

    client_id: str
    deployment_id: str
    login_url: str
    launch_url: str
    target_link_uri: str
    keyset_url: str = ""
    name: str = "Reflect"
    custom: Mapping[str, str] = field(default_factory=dict)
    is_active: bool = True

    @property
    def origin(self) -> str:
        """Return the origin that the tool's pages come from, such as http://localhost:8000."""
        return origin_of(self.launch_url)


def origin_of(address: str) -> str:
    """Return the origin of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
