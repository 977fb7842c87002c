import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reflect.demo.addresses import LINE_ITEM_READING_SCOPE, LINE_ITEM_SCOPE, SCORE_SCOPE
from reflect.demo.grading import LINE_ITEM, LINE_ITEMS, RESULTS, SCORE
from reflect.demo.tools import Tool

from .services import Client

ITEMS = "/services/2/lineitems?type_id=1"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def made(client: Client, **values: Any) -> dict[str, Any]:
    body = {"label": "Took part", "scoreMaximum": 1, **values}
    answer = client.calls("POST", ITEMS, LINE_ITEM, body)
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()
    return item


def scores_of(item: dict[str, Any]) -> str:
    path, _, query = item["id"].partition("?")
    return f"{path}/scores?{query}"


def score(**changes: Any) -> dict[str, Any]:
    right = {
        "userId": "6",
        "timestamp": NOW.isoformat(),
        "scoreGiven": 1,
        "scoreMaximum": 1,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def test_a_line_item_is_made_read_changed_and_deleted(client: Client) -> None:
    item = made(client, resourceId="checkin-1", tag="took-part")
    assert re.fullmatch(rf"{client.platform.base_url}/services/2/lineitems/\w+/lineitem\?type_id=1", item["id"])
    assert client.calls("GET", item["id"], LINE_ITEM).json() == item
    changed = client.calls("PUT", item["id"], LINE_ITEM, item | {"label": "Was there"})
    assert changed.json()["label"] == "Was there"
    assert client.calls("DELETE", item["id"], LINE_ITEM).status_code == 204
    assert client.calls("GET", item["id"], LINE_ITEM).status_code == 404


def test_a_list_comes_in_pages_and_may_be_filtered(client: Client) -> None:
    for number in range(7):
        made(client, resourceId=f"checkin-{number}", tag="odd" if number % 2 else "even")
    first = client.calls("GET", ITEMS, LINE_ITEMS)
    assert len(first.json()) == 5
    link = re.fullmatch(r'<([^>]+)>; rel="next"', first.headers["link"])
    assert link
    rest = client.calls("GET", link[1], LINE_ITEMS)
    assert len(rest.json()) == 2 and "link" not in rest.headers
    assert len(client.calls("GET", f"{ITEMS}&tag=odd", LINE_ITEMS).json()) == 3
    assert len(client.calls("GET", f"{ITEMS}&tag=odd&resource_id=checkin-3", LINE_ITEMS).json()) == 1


@pytest.mark.parametrize("body", [{"label": ""}, {"scoreMaximum": 0}, {"scoreMaximum": "1"}, {"scoreMaximum": True}])
def test_a_line_item_without_a_name_or_a_maximum_is_refused(client: Client, body: dict[str, Any]) -> None:
    answer = client.calls("POST", ITEMS, LINE_ITEM, {"label": "Took part", "scoreMaximum": 1, **body})
    assert answer.status_code == 400


def test_a_score_is_taken_and_is_a_result(client: Client) -> None:
    item = made(client)
    assert client.calls("POST", scores_of(item), SCORE, score()).status_code == 200
    path, _, query = item["id"].partition("?")
    (result,) = client.calls("GET", f"{path}/results?{query}", RESULTS).json()
    assert (result["userId"], result["resultScore"], result["resultMaximum"]) == ("6", 1, 1)


@pytest.mark.parametrize("later", [timedelta(), timedelta(microseconds=1), timedelta(seconds=-1)])
def test_a_score_that_is_not_newer_by_a_second_conflicts(client: Client, later: timedelta) -> None:
    item = made(client)
    client.calls("POST", scores_of(item), SCORE, score())
    again = client.calls("POST", scores_of(item), SCORE, score(timestamp=(NOW + later).isoformat()))
    assert again.status_code == 409
    newer = client.calls("POST", scores_of(item), SCORE, score(timestamp=(NOW + timedelta(seconds=1)).isoformat()))
    assert newer.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"timestamp": None},
        {"timestamp": "2026-11-23T09:00:00"},
        {"timestamp": "yesterday"},
        {"userId": "3"},
        {"userId": "99"},
        {"scoreMaximum": None},
        {"activityProgress": None},
        {"scoreGiven": "all"},
    ],
)
def test_a_score_that_is_wrong_in_one_thing_is_refused(client: Client, changes: dict[str, Any]) -> None:
    item = made(client)
    assert client.calls("POST", scores_of(item), SCORE, score(**changes)).status_code == 400
    assert client.platform.gradebook.received == []


def test_each_call_needs_its_own_scope_and_content_type(client: Client) -> None:
    item = made(client)
    body = {"label": "Took part", "scoreMaximum": 1}
    assert client.calls("POST", ITEMS, LINE_ITEM, body, scope=LINE_ITEM_READING_SCOPE).status_code == 403
    assert client.calls("GET", ITEMS, LINE_ITEMS, scope=SCORE_SCOPE).status_code == 403
    assert client.calls("GET", ITEMS, LINE_ITEMS, scope=LINE_ITEM_READING_SCOPE).status_code == 200
    assert client.calls("POST", scores_of(item), SCORE, score(), scope=LINE_ITEM_SCOPE).status_code == 403
    assert client.calls("POST", scores_of(item), "application/json", score()).status_code == 400
    assert client.calls("GET", ITEMS, "application/json").status_code == 400


def test_another_tools_columns_are_not_there(client: Client) -> None:
    item = made(client)
    column = next(iter(client.platform.gradebook.columns.values()))
    other = client.platform.gradebook.add("2", "other", {"label": "Essay", "scoreMaximum": 10})
    client.platform.register(Tool("other", "8", "", "", ""))
    address = item["id"].replace(column.id, other.id)
    assert client.calls("GET", address, LINE_ITEM).status_code == 404
    assert len(client.calls("GET", ITEMS, LINE_ITEMS).json()) == 1
