"""A data warehouse that fetches answers under a key, over real HTTP, and nothing it is not given."""

from dataclasses import dataclass
from typing import Any

import httpx2

from reflect.domain import api_keys
from reflect.domain.api_keys import Wish
from reflect.storage.database import Database
from tests.classroom import NOW
from tests.installation import Installation
from tests.walker import http_client

PATH = "/api/v1/education/reports/reflectCheckInResponses"
ALWAYS = "submitDateTime ge 2000-01-01T00:00:00Z"
REFUSED = {"code", "message", "innerError"}


def make_key(
    database: Database,
    *scopes: str,
    name: str = "Records",
    registration_id: int | None = None,
) -> str:
    """A key with `anonymous`, `named` or both; its secret."""
    wish = Wish(name, "anonymous" in scopes, "named" in scopes, registration_id)
    return database.write_now(lambda db: api_keys.make(db, wish, "ada@school.example", NOW))


@dataclass(frozen=True)
class Warehouse:
    """A program with a key."""

    running: Installation
    secret: str

    def get(self, path: str = PATH, **options: str) -> httpx2.Response:
        """Ask; the options are those of OData without their $."""
        params = {f"${name}": value for name, value in options.items()}
        with http_client() as client:
            headers = {"Authorization": f"Bearer {self.secret}"}
            return client.get(self.running.base_url + path, params=params or None, headers=headers)

    def page(self, **options: str) -> dict[str, Any]:
        """A page of answers."""
        response = self.get(**options)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def follow(self, link: str) -> dict[str, Any]:
        """The page that a link leads to."""
        with http_client() as client:
            response = client.get(link, headers={"Authorization": f"Bearer {self.secret}"})
        assert response.status_code == 200, response.text
        return dict(response.json())

    def all(self, **options: str) -> list[dict[str, Any]]:
        """Every answer, page by page."""
        page = self.page(**{"filter": ALWAYS, **options})
        rows = list(page["value"])
        while "@odata.nextLink" in page:
            page = self.follow(page["@odata.nextLink"])
            rows += page["value"]
        return rows


def warehouse(running: Installation, *scopes: str, **more: Any) -> Warehouse:
    """A data warehouse with a new key of these scopes."""
    return Warehouse(running, make_key(running.database, *scopes, **more))


def assert_refused(response: httpx2.Response, code: str, status: int) -> dict[str, Any]:
    """A refusal in Graph's shape; its message."""
    assert (response.headers.get("reflect-error"), response.status_code) == (code, status), response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    error = response.json()["error"]
    assert error.keys() == REFUSED and error["code"] == code and error["message"]
    assert error["innerError"]["request-id"] == response.headers["request-id"]
    return dict(error)
