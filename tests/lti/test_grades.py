import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reflect.lti import grades
from reflect.lti.grades import ActivityProgress, GradingProgress, Score
from reflect.lti.line_items import LineItemGone
from reflect.lti.messages import Grades
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.services import LINE_ITEM, SCORE

from .service_platform import MISBEHAVIOUR, ServicePlatform, recorded, refusal_code, reply

AT = datetime(2026, 11, 23, 11, 23, 19, tzinfo=UTC)
TAKEN_PART = Score("5", 1, 1, AT, comment="Took part")
PATH = "/2/lineitems/3/lineitem/scores"
GRANTED = Grades((SCORE, LINE_ITEM), None, None)


def send(
    services: ServicePlatform, result: Score = TAKEN_PART, item: str = "/2/lineitems/3/lineitem?type_id=1"
) -> None:
    asyncio.run(grades.score(services.connection(), GRANTED, services.base + item, result))


def refused(services: ServicePlatform) -> ServiceRefused:
    with pytest.raises(ServiceRefused) as raised:
        send(services)
    refusal_code(raised)
    return raised.value


def test_a_score_is_sent_as_moodle_takes_it(services: ServicePlatform) -> None:
    services.answers[PATH] = [recorded("score")]
    send(services)
    (method, path, headers, body) = services.calls(PATH)[0]
    assert (method, path) == ("POST", PATH + "?type_id=1")
    assert headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert json.loads(body) == {
        **{"userId": "5", "scoreGiven": 1, "scoreMaximum": 1, "comment": "Took part"},
        **{"timestamp": "2026-11-23T11:23:19.000000+00:00"},
        **{"activityProgress": "Completed", "gradingProgress": "FullyGraded"},
    }
    assert b"scope%2Fscore" in services.calls("/token")[0][3] and b"lineitem" not in services.calls("/token")[0][3]


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ("/2/lineitems/3/lineitem", PATH),
        ("/2/lineitems/3/lineitem/", PATH),
        ("/2/lineitems/3/lineitem#part", PATH),
        ("/2/lineitems/3/lineitem?a=/x?&b=%2F", PATH + "?a=/x?&b=%2F"),
    ],
)
def test_scores_belong_to_the_path_and_the_query_stays(services: ServicePlatform, item: str, path: str) -> None:
    services.answers[PATH] = [reply("")]
    send(services, item=item)
    assert services.calls(PATH)[0][1] == path


def test_a_moment_is_sent_in_utc_with_microseconds(services: ServicePlatform) -> None:
    services.answers[PATH] = [reply("", 204)]
    at = datetime(2026, 11, 23, 12, 0, 0, 7, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    send(services, Score("5", 0.5, 2, at))
    assert json.loads(services.calls(PATH)[0][3])["timestamp"] == "2026-11-23T06:30:00.000007+00:00"


def test_a_score_is_taken_back_by_one_without_points(services: ServicePlatform) -> None:
    services.answers[PATH] = [reply("", 204)]
    send(services, Score("5", None, 1, AT, ActivityProgress.INITIALIZED, GradingProgress.NOT_READY))
    assert json.loads(services.calls(PATH)[0][3]) == {
        **{"userId": "5", "timestamp": "2026-11-23T11:23:19.000000+00:00"},
        **{"activityProgress": "Initialized", "gradingProgress": "NotReady"},
    }


def test_a_score_that_makes_no_sense_is_a_fault_of_ours() -> None:
    for given, maximum in ((-1, 1), (1, 0), (float("nan"), 1), (1, float("inf"))):
        with pytest.raises(ValueError):
            Score("5", given, maximum, AT)
    with pytest.raises(ValueError, match="time zone"):
        Score("5", 1, 1, AT.replace(tzinfo=None))


def test_a_stale_token_is_changed_once(services: ServicePlatform) -> None:
    services.answers[PATH] = [reply("", 401), reply("")]
    send(services)
    assert [call[2]["Authorization"] for call in services.calls(PATH)] == ["Bearer token-1", "Bearer token-2"]
    bodies = {call[3] for call in services.calls(PATH)}
    assert len(bodies) == 1
    services.answers[PATH] = [reply("", 401)]
    assert refused(services).code == "unauthorized"
    assert len(services.calls(PATH)) == 4


def test_a_line_item_that_is_gone_is_told_apart(services: ServicePlatform) -> None:
    services.answers[PATH] = [reply("", 404)]
    refusal = refused(services)
    assert isinstance(refusal, LineItemGone) and not refusal.is_passing


def test_a_score_that_is_not_newer_is_a_conflict(services: ServicePlatform) -> None:
    services.answers[PATH] = [recorded("score_same_timestamp")]
    assert refused(services).code == "conflict"


def test_a_score_for_a_teacher_is_rejected_for_good(services: ServicePlatform) -> None:
    services.answers[PATH] = [recorded("score_of_a_teacher")]
    refusal = refused(services)
    assert (refusal.code, refusal.is_passing) == ("rejected", False)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_platform_in_trouble_is_to_be_asked_later(services: ServicePlatform, status: int) -> None:
    services.answers[PATH] = [reply("", status, {"Retry-After": "30"})]
    refusal = refused(services)
    assert (refusal.is_passing, refusal.retry_after) == (True, 30.0)
    assert len(services.calls(PATH)) == 1


@pytest.mark.parametrize("name", ["403", "canvas_429", "redirect", "truncated", "50_megabytes", "packed"])
def test_a_platform_that_misbehaves_is_refused(services: ServicePlatform, name: str) -> None:
    services.answers[PATH], code = [MISBEHAVIOUR[name][0]], MISBEHAVIOUR[name][1]
    assert refused(services).code == code


def test_what_the_answer_says_does_not_matter(services: ServicePlatform) -> None:
    for name in ("html", "half_json"):
        services.answers[PATH] = [MISBEHAVIOUR[name][0]]
        send(services)


def test_a_score_is_not_sent_without_the_scope_for_it(services: ServicePlatform) -> None:
    with pytest.raises(ServiceRefused, match="scope_missing"):
        offered = Grades((LINE_ITEM,), None, None)
        asyncio.run(grades.score(services.connection(), offered, services.base + "/item", TAKEN_PART))
    assert services.server.requests == []
