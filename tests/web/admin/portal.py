"""An administrator at the portal of a running installation, over real HTTP."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx2
from sqlmodel import Session, select

from reflect.domain import admins, audit
from reflect.keyring import Keyring
from reflect.storage.admins import AuditEntry
from reflect.web.admin import addresses
from tests.installation import SECRET, Installation
from tests.walker import Walker

KEYRING = Keyring(SECRET)


@dataclass(frozen=True)
class Portal:
    """One administrator in one browser."""

    running: Installation
    walker: Walker
    email: str

    def get(self, path: str, status: int = 200) -> httpx2.Response:
        """A page of the portal; nobody may frame it."""
        response = self.walker.get(path)
        assert response.status_code == status, (response.status_code, response.headers.get("reflect-error"))
        if "content-security-policy" in response.headers:
            assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        return response

    def post(self, path: str, status: int = 303, **fields: str) -> httpx2.Response:
        """Send a form; by default it leads on."""
        response = self.walker.post(path, fields)
        assert response.status_code == status, (response.status_code, response.headers.get("reflect-error"))
        return response

    def words(self, path: str) -> str:
        """What a page says, without its tags."""
        return plain(self.get(path).text)

    def log(self) -> list[tuple[str, str]]:
        """What this administrator did: action and what it was about, newest first."""

        def work(db: Session) -> list[AuditEntry]:
            return list(audit.newest(db))

        entries = self.running.database.read_now(work)
        return [(entry.action, entry.about) for entry in entries if entry.actor == self.email]

    def draft(self, lms: str = "other", name: str = "A school") -> str:
        """Begin a registration; the address of its draft."""
        led = self.post("/admin/drafts", name=name, lms=lms).headers["location"]
        assert led.endswith("/tool")
        return led.removesuffix("/tool")

    def register(self, **values: str) -> int:
        """Go through the whole wizard with the campus's addresses; the id of the registration."""
        at = self.draft(name=values.pop("name", "A school"))
        self.post(f"{at}/platform", **self.campus_values() | values)
        led = self.post(f"{at}/review").headers["location"]
        return int(led.rpartition("/")[2])

    def campus_values(self) -> dict[str, str]:
        """What the campus tells its administrator, for a client of its own."""
        base = self.running.platform.base_url
        return {
            "issuer": base,
            "client_id": f"client-{secrets.token_hex(4)}",
            "auth_url": f"{base}/authorize",
            "token_url": f"{base}/token",
            "keyset_url": f"{base}/jwks",
            "deployment_id": "1",
        }


def invitation(running: Installation, email: str, ago: timedelta = timedelta()) -> str:
    """A sign-in address, perhaps made some time ago."""
    now = datetime.now(UTC) - ago
    made = running.database.write_now(lambda db: admins.invite(db, email, "reflect", now))
    return addresses.sign_in(running.base_url, KEYRING, made)


def fields_in(page: httpx2.Response) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in found}


def signed_in(running: Installation, email: str = "") -> Portal:
    """An administrator of this address (by default somebody new) who has just signed in."""
    email = email or f"admin-{secrets.token_hex(4)}@fablehill.example"
    walker = running.walker()
    page = walker.get(invitation(running, email))
    assert page.status_code == 200
    assert walker.post("/admin/sessions", fields_in(page)).status_code == 303
    return Portal(running, walker, email)


def plain(html: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).strip()


def assert_says(response: httpx2.Response, code: str | None, status: int) -> None:
    """A refusal with this code and status."""
    assert (response.headers.get("reflect-error"), response.status_code) == (code, status), response.text[:300]


def rows(running: Installation, table: type) -> list[object]:
    """Everything in a table."""
    return list(running.database.read_now(lambda db: db.exec(select(table)).all()))
