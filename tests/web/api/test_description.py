"""The description says what the API does: it is valid, and every call that it describes is made and looked at."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
from sqlmodel import text

from tests.classroom import classroom
from tests.installation import Installation
from tests.walker import http_client
from tests.web.api.warehouse import ALWAYS, PATH, Warehouse, warehouse

ASKED: dict[str, dict[str, str]] = {
    "$top": {"top": "3"},
    "$filter": {"filter": "submitDateTime ge 2026-09-07T00:00:00Z and submitDateTime lt 2026-09-08T00:00:00Z"},
    "$skiptoken": {},
    "$count": {"count": "true"},
    "$select": {"select": "id,responseEmotion"},
}


@pytest.fixture
def found(installation: Installation) -> Warehouse:
    made, room = warehouse(installation, "anonymous", "named"), classroom(installation.database, 8)
    for checkin_id in (room.open("named"), room.open("anonymous", question="Mixed?")):
        for student in room.students:
            room.answer(student, checkin_id, "calm")
        room.close(checkin_id)
    return made


@pytest.fixture
def description(installation: Installation) -> dict[str, Any]:
    with http_client() as client:
        response = client.get(f"{installation.base_url}/api/v1/openapi.json")
    assert response.status_code == 200
    return dict(response.json())


def assert_described(description: dict[str, Any], name: str, body: Any) -> None:
    """A body fits the schema of this name, to the letter."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(body)


def test_it_is_valid_and_names_this_installation(installation: Installation, description: dict[str, Any]) -> None:
    validate(description)
    assert description["servers"] == [{"url": installation.base_url}]


def test_every_parameter_that_it_describes_is_taken(found: Warehouse, description: dict[str, Any]) -> None:
    parameters = {it["name"] for it in description["paths"][PATH]["get"]["parameters"]}
    assert parameters == set(ASKED)
    page = found.page(filter=ALWAYS, top="5", count="true")
    assert_described(description, "page", page)
    assert len(page["value"]) == 5 and page["@odata.count"] == 16
    assert_described(description, "page", found.follow(page["@odata.nextLink"]))
    for options in ASKED.values():
        assert_described(description, "page", found.page(**options))


def refusals(found: Warehouse, running: Installation) -> Iterator[tuple[str, Any]]:
    """A call for each refusal, the last of them one that breaks the database."""
    yield "400", found.get(top="0")
    yield "401", Warehouse(running, "reflect_nothing").get()
    with http_client() as client:
        yield "405", client.post(running.base_url + PATH, headers={"Authorization": f"Bearer {found.secret}"})
    other = warehouse(running, "named")
    yield "429", next(it for it in (other.get() for _ in range(241)) if it.status_code == 429)
    running.database.write_now(lambda db: db.connection().execute(text("ALTER TABLE api_key RENAME TO x")))
    yield "503", found.get()


def test_every_answer_that_it_describes_comes_as_described(
    found: Warehouse, installation: Installation, description: dict[str, Any]
) -> None:
    described = description["paths"][PATH]["get"]["responses"]
    met = {"200"}
    for status, response in refusals(found, installation):
        assert str(response.status_code) == status, response.text
        assert_described(description, "refusal", response.json())
        for header in described[status]["headers"]:
            assert header in response.headers, (status, header)
        met.add(status)
    assert met == set(described)
    assert datetime.fromisoformat(response.json()["error"]["innerError"]["date"]) <= datetime.now(UTC)
