import asyncio
import json
from dataclasses import replace

import pytest

from reflect.lti import line_items
from reflect.lti.line_items import LineItem, LineItemDraft, LineItemGone
from reflect.lti.messages import Grades
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.services import LINE_ITEM, LINE_ITEM_READONLY, SCORE

from .service_platform import MISBEHAVIOUR, ServicePlatform, recorded, refusal_code, reply

DRAFT = LineItemDraft("Check-in", 1, resource_id="checkin-1", tag="participation")


@pytest.fixture
def grades(services: ServicePlatform) -> Grades:
    scopes = (LINE_ITEM, LINE_ITEM_READONLY, SCORE)
    return Grades(scopes, services.base + "/2/lineitems?type_id=1", services.base + "/2/lineitems/5/lineitem?type_id=1")


@pytest.fixture
def uncoupled(grades: Grades) -> Grades:
    """What a launch of an activity without a grade says."""
    return replace(grades, lineitem=None)


def item(services: ServicePlatform, number: int, **more: object) -> dict[str, object]:
    url = f"{services.base}/2/lineitems/{number}/lineitem?type_id=1"
    return {"id": url, "label": "Check-in", "scoreMaximum": 1, **more}


def listed(services: ServicePlatform, grades: Grades, **filters: str) -> tuple[LineItem, ...]:
    return asyncio.run(line_items.line_items(services.connection(), grades, **filters))


def test_the_line_items_of_a_real_moodle_are_read(services: ServicePlatform, uncoupled: Grades) -> None:
    services.answers["/2/lineitems"] = [recorded("line_items")]
    first, second, third = listed(services, uncoupled)
    url = "https://moodle.test:8443/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"
    assert first == LineItem(url, "Graded check-in", 1.0, "res-42", "participation", "8")
    assert second.resource_link_id is None
    assert (third.resource_id, third.tag) == (None, "x")
    (_, path, headers, _) = services.calls("/2/lineitems")[0]
    assert path == "/2/lineitems?type_id=1"
    assert headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"


def test_filters_are_added_to_the_query_and_applied_again(services: ServicePlatform, uncoupled: Grades) -> None:
    services.answers["/2/lineitems"] = [recorded("line_items")]
    (found,) = listed(services, uncoupled, resource_id="wb-1", tag="participation")
    assert found.resource_id == "wb-1"
    assert listed(services, uncoupled, resource_link_id="9 &") == ()
    assert [call[1] for call in services.calls("/2/lineitems")] == [
        "/2/lineitems?type_id=1&resource_id=wb-1&tag=participation",
        "/2/lineitems?type_id=1&resource_link_id=9+%26",
    ]


def test_all_pages_of_line_items_are_read(services: ServicePlatform, uncoupled: Grades) -> None:
    following = f"<{services.base}/2/lineitems?type_id=1&amp;from=1>; rel=“next”"
    services.answers["/2/lineitems"] = [
        reply([item(services, 1)], headers={"Link": following}),
        reply([item(services, 2)]),
    ]
    assert len(listed(services, uncoupled)) == 2
    assert services.calls("/2/lineitems")[1][1] == "/2/lineitems?type_id=1&from=1"


def test_too_many_line_items_are_refused(
    services: ServicePlatform, uncoupled: Grades, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reflect.lti.line_items.MOST_LINE_ITEMS", 1)
    services.answers["/2/lineitems"] = [reply([item(services, 1), item(services, 2)])]
    with pytest.raises(ServiceRefused, match="too_long"):
        listed(services, uncoupled)


@pytest.mark.parametrize("name", sorted(MISBEHAVIOUR))
def test_a_list_that_fails_is_no_list(services: ServicePlatform, uncoupled: Grades, name: str) -> None:
    answer, code = MISBEHAVIOUR[name]
    services.answers["/2/lineitems"] = [answer]
    with pytest.raises(ServiceRefused) as refused:
        listed(services, uncoupled)
    assert refusal_code(refused) == code and not isinstance(refused.value, LineItemGone)


@pytest.mark.parametrize("name", sorted(MISBEHAVIOUR))
def test_a_list_whose_second_page_fails_is_no_list(services: ServicePlatform, uncoupled: Grades, name: str) -> None:
    answer, code = MISBEHAVIOUR[name]
    following = {"Link": f'<{services.base}/2/lineitems?from=1>; rel="next"'}
    services.answers["/2/lineitems"] = [reply([item(services, 1)], 200, following), answer]
    with pytest.raises(ServiceRefused) as refused:
        listed(services, uncoupled)
    assert refusal_code(refused) == code and not isinstance(refused.value, LineItemGone)


@pytest.mark.parametrize("body", [{}, None, [None], [{}], [{"id": ""}], [{"id": "/relative"}], [{"id": 5}]])
def test_a_list_of_something_else_is_refused(services: ServicePlatform, uncoupled: Grades, body: object) -> None:
    services.answers["/2/lineitems"] = [reply(body)]
    with pytest.raises(ServiceRefused, match="answer_malformed"):
        listed(services, uncoupled)


@pytest.mark.parametrize("maximum", [None, "5", True, [], 0, -1, 10**400], ids=repr)
def test_a_maximum_that_is_no_number_is_unknown(services: ServicePlatform, uncoupled: Grades, maximum: object) -> None:
    services.answers["/2/lineitems"] = [reply([item(services, 1) | {"scoreMaximum": maximum}])]
    assert listed(services, uncoupled)[0].score_maximum is None


def test_a_line_item_is_made_as_moodle_wants_it(services: ServicePlatform, uncoupled: Grades) -> None:
    services.answers["/2/lineitems"] = [recorded("line_item_created")]
    created = asyncio.run(line_items.create(services.connection(), uncoupled, DRAFT))
    assert created.url.endswith("/2/lineitems/3/lineitem?type_id=1")
    (method, path, headers, body) = services.calls("/2/lineitems")[0]
    assert (method, path, headers["Content-Type"]) == (
        *("POST", "/2/lineitems?type_id=1"),
        "application/vnd.ims.lis.v2.lineitem+json",
    )
    assert json.loads(body) == {
        **{"label": "Check-in", "scoreMaximum": 1, "resourceId": "checkin-1"},
        **{"tag": "participation"},
    }


def test_what_is_not_set_is_not_sent(services: ServicePlatform, uncoupled: Grades) -> None:
    services.answers["/2/lineitems"] = [recorded("line_item_created")]
    asyncio.run(line_items.create(services.connection(), uncoupled, LineItemDraft("Check-in", 2.5)))
    assert json.loads(services.calls("/2/lineitems")[0][3]) == {"label": "Check-in", "scoreMaximum": 2.5}


@pytest.mark.parametrize("maximum", [0, -1, float("nan"), float("inf")])
def test_a_line_item_needs_a_maximum(maximum: float) -> None:
    with pytest.raises(ValueError):
        LineItemDraft("Check-in", maximum)


def test_only_scopes_of_the_launch_are_asked_for(services: ServicePlatform, uncoupled: Grades) -> None:
    services.answers["/2/lineitems"] = [reply([])]
    readonly = replace(uncoupled, scopes=(LINE_ITEM_READONLY, SCORE))
    assert listed(services, readonly) == ()
    assert services.calls("/token")[0][3].endswith(b"scope%2Flineitem.readonly")
    with pytest.raises(ServiceRefused, match="scope_missing"):
        asyncio.run(line_items.create(services.connection(), readonly, DRAFT))
    with pytest.raises(ServiceRefused, match="scope_missing"):
        listed(services, replace(uncoupled, scopes=(SCORE,)))
    assert (len(services.calls("/2/lineitems")), len(services.calls("/token"))) == (1, 1)


def test_without_a_list_there_is_nothing_to_list_or_make(services: ServicePlatform, grades: Grades) -> None:
    coupled = replace(grades, lineitems=None)
    with pytest.raises(ServiceRefused, match="scope_missing"):
        listed(services, coupled)
    with pytest.raises(ServiceRefused, match="scope_missing"):
        asyncio.run(line_items.create(services.connection(), coupled, DRAFT))
