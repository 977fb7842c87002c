"""A tool as the campus knows it once an administrator has registered it."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Tool:
    """A registered LTI 1.3 tool; `launch_url` is its one redirect URI."""

    client_id: str
    deployment_id: str
    login_url: str
    launch_url: str
    target_link_uri: str

    @property
    def origin(self) -> str:
        """Return the origin that the tool's pages come from, such as http://localhost:8000."""
        parts = urlsplit(self.launch_url)
        return f"{parts.scheme}://{parts.netloc}"
