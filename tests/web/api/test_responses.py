"""What a data warehouse fetches, what it is refused, and what is written down of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from reflect.domain import accesses, api_keys, audit, guests, lifecycle
from reflect.domain.graph import FIELDS
from reflect.domain.privacy.sealing import Content
from reflect.storage.api_keys import ApiKey, KeyAccess
from reflect.storage.people import Person
from reflect.storage.registrations import Deployment
from tests.classroom import Classroom, classroom
from tests.installation import Installation
from tests.walker import http_client
from tests.web.admin.portal import signed_in
from tests.web.api.warehouse import ALWAYS, PATH, Warehouse, assert_refused, make_key, warehouse

NOON = datetime(2026, 9, 7, 12, 0, tzinfo=UTC)


@pytest.fixture
def room(installation: Installation) -> Classroom:
    return classroom(installation.database, 8)


def named(room: Classroom, now: datetime = NOON, question: str = "How was it?", form: str = "words_full") -> int:
    return room.open("named", question=question, now=now, answer_form=form)


def answer_all(room: Classroom, checkin_id: int, choice: str = "calm", now: datetime = NOON) -> None:
    for number, student in enumerate(room.students):
        room.answer(student, checkin_id, choice, now + timedelta(minutes=number))


def moments(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["submitDateTime"] for row in rows)


def test_a_named_answer_has_all_of_graphs_properties(installation: Installation, room: Classroom) -> None:
    found = warehouse(installation, "named")
    checkin_id = named(room)
    room.answer(room.students[0], checkin_id, "sad", NOON + timedelta(minutes=3, microseconds=7))
    page = found.page(filter=ALWAYS, count="true")
    [row] = page["value"]
    assert tuple(row) == FIELDS
    assert page["@odata.context"].endswith("/api/v1/$metadata#education/reports/reflectCheckInResponses")
    assert page["@odata.count"] == 1 and "@odata.nextLink" not in page
    assert {name: value for name, value in row.items() if name not in {"id", "checkInId"}} == {
        "checkInTitle": "How was it?",
        "classId": "2",
        "createdDateTime": "2026-09-07T12:00:00Z",
        "creatorId": "t",
        "isClosed": False,
        "responderId": "0",
        "responseEmotion": "sad",
        "responseFeedback": "none",
        "submitDateTime": "2026-09-07T12:03:00.000007Z",
    }
    room.close(checkin_id, NOON)
    assert found.page(filter=ALWAYS)["value"][0] == {**row, "isClosed": True}


@pytest.mark.parametrize(
    ("form", "choice", "emotion", "feedback"),
    [
        ("faces", "face_1", "none", "veryUnpleasant"),
        ("faces", "face_3", "none", "neutral"),
        ("faces", "face_5", "none", "veryPleasant"),
        ("grid", "grid_2_5", "none", "unpleasant"),
        ("words_full", "worthless", "worthless", "none"),
        ("words_core", "skip", "none", "notDetected"),
        ("energy", "energy_1", "none", "notDetected"),
        ("scale", "scale_5", "none", "notDetected"),
    ],
)
def test_each_form_is_told_in_graphs_words(
    installation: Installation, room: Classroom, form: str, choice: str, emotion: str, feedback: str
) -> None:
    found = warehouse(installation, "named")
    room.answer(room.students[0], named(room, form=form), choice, NOON)
    [row] = found.all()
    assert (row["responseEmotion"], row["responseFeedback"]) == (emotion, feedback)


def test_without_a_filter_the_last_day_is_told(installation: Installation, room: Classroom) -> None:
    found, now = warehouse(installation, "named"), datetime.now(UTC)
    old, new = named(room, now - timedelta(days=3)), named(room, now - timedelta(days=2), "And now?")
    room.answer(room.students[0], old, "sad", now - timedelta(hours=25))
    room.answer(room.students[0], new, "calm", now - timedelta(hours=23))
    assert [row["responseEmotion"] for row in found.page()["value"]] == ["calm"]
    room.answer(room.students[0], old, "happy", now)
    assert {row["responseEmotion"] for row in found.page()["value"]} == {"calm", "happy"}, "a changed one comes again"


@pytest.mark.parametrize(
    ("filtered", "minutes"),
    [
        ("submitDateTime ge 2026-09-07T12:02:00Z and submitDateTime lt 2026-09-07T12:04:00Z", {2, 3}),
        ("submitDateTime gt 2026-09-07T12:02:00Z and submitDateTime le 2026-09-07T12:04:00Z", {3, 4}),
        ("submitDateTime gt 2026-09-07T12:02:00.0000000Z", {3, 4, 5, 6, 7}),
        ("submitDateTime ge 2026-09-07T12:02:00.0000001Z", {3, 4, 5, 6, 7}),
        ("submitDateTime lt 2026-09-07T12:02:00.0000001Z", {0, 1, 2}),
        ("submitDateTime le '2026-09-07T14:01:00+02:00'", {0, 1}),
        ("(submitDateTime ge 2026-09-07T12:06Z)", {6, 7}),
        ("submitDateTime lt datetime'2026-09-07T12:01:00Z'", {0}),
        ("submitDateTime ge 2026-09-07T12:05:00Z and submitDateTime lt 2026-09-07T12:04:00Z", set()),
        ("submitDateTime ge 0001-01-01T00:00:00Z and submitDateTime le 9999-12-31T23:59:59Z", set(range(8))),
    ],
)
def test_a_filter_cuts_to_the_moment(
    installation: Installation, room: Classroom, filtered: str, minutes: set[int]
) -> None:
    found = warehouse(installation, "named")
    answer_all(room, named(room))
    page = found.page(filter=filtered, count="true")
    assert moments(page["value"]) == [f"2026-09-07T12:0{minute}:00Z" for minute in sorted(minutes)]
    assert page["@odata.count"] == len(minutes)


def test_pages_tell_everything_once_in_an_order_that_is_not_that_of_arrival(
    installation: Installation, room: Classroom
) -> None:
    found = warehouse(installation, "named")
    for number in range(3):
        answer_all(room, named(room, question=f"{number}?"))
    pages, link = [], None
    while True:
        page = found.follow(link) if link else found.page(filter=ALWAYS, top="5", select="id,responderId")
        pages.append(page["value"])
        link = page.get("@odata.nextLink")
        if link is None:
            break
        assert parse_qs(urlsplit(link).query)["$select"] == ["id,responderId"]
    assert [len(rows) for rows in pages] == [5, 5, 5, 5, 4]
    rows = [row for rows in pages for row in rows]
    assert len({row["id"] for row in rows}) == 24 and tuple(rows[0]) == ("id", "responderId")
    orders = {tuple(row["responderId"] for row in rows[start : start + 8]) for start in (0, 8, 16)}
    assert len(orders) > 1, "each check-in mixes its answers anew"


def test_turning_pages_is_not_disturbed_by_what_comes_meanwhile(installation: Installation, room: Classroom) -> None:
    found = warehouse(installation, "named")
    first = named(room)
    answer_all(room, first)
    page = found.page(filter=ALWAYS, top="3")
    before = {row["id"] for row in found.all()}
    answer_all(room, named(room, question="Meanwhile?"))
    rows = [*page["value"]]
    while "@odata.nextLink" in page:
        page = found.follow(page["@odata.nextLink"])
        rows += page["value"]
    ids = [row["id"] for row in rows]
    assert before <= set(ids) and len(ids) == len(set(ids)) == 16


def test_a_link_without_a_filter_keeps_to_the_day_it_began_with(installation: Installation, room: Classroom) -> None:
    found, now = warehouse(installation, "named"), datetime.now(UTC)
    answer_all(room, named(room, now - timedelta(hours=1)), now=now - timedelta(hours=1))
    page = found.page(top="5")
    assert len(found.follow(page["@odata.nextLink"])["value"]) == 3


def test_an_anonymous_checkin_is_told_as_released_and_nobody_is_in_it(
    installation: Installation, room: Classroom
) -> None:
    found = warehouse(installation, "anonymous")
    checkin_id = room.open("anonymous", "in_steps", k=5, now=NOON)
    for number, student in enumerate(room.students):
        assert bool(found.all()) == (number >= 5)
        room.answer(student, checkin_id, "calm", NOON + timedelta(minutes=number))
    rows = found.all()
    told = Counter((row["responseEmotion"], row["responseFeedback"]) for row in rows)
    assert told == {("calm", "none"): 3, ("none", "notDetected"): 2}
    assert {row["responderId"] for row in rows} == {None}
    assert {row["submitDateTime"] for row in rows} == {"2026-09-07T00:00:00Z"}
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows) != [row["id"] for row in rows][::-1]
    assert found.page(filter=ALWAYS, count="true")["@odata.count"] == 5
    assert found.all(filter="submitDateTime gt 2026-09-07T00:00:00Z") == []
    assert len(found.all(filter="submitDateTime le 2026-09-07T00:00:00Z")) == 5


def test_each_scope_fetches_what_the_receipts_say(installation: Installation, room: Classroom) -> None:
    before = named(room, question="Before there was a key?")
    by_name, unnamed = warehouse(installation, "named"), warehouse(installation, "anonymous")
    after = named(room, question="With a key?")
    mixed = room.open("anonymous", "at_close", k=5, now=NOON, question="Mixed?")
    for checkin_id in (before, after, mixed):
        for number, student in enumerate(room.students):
            room.answer(student, checkin_id, ("calm", "happy", "sad")[number % 3], NOON)
    room.close(mixed)
    assert {row["checkInTitle"] for row in by_name.all()} == {"With a key?"}
    assert {row["checkInTitle"] for row in unnamed.all()} == {"Mixed?"}
    both = warehouse(installation, "named", "anonymous")
    assert Counter(row["checkInTitle"] for row in both.all()) == {"With a key?": 8, "Mixed?": 8}
    assert both.page(filter=ALWAYS, count="true")["@odata.count"] == 16


def test_guests_answers_are_told_to_nobody(installation: Installation, room: Classroom) -> None:

    found = warehouse(installation, "anonymous", "named")
    checkin_id = room.open("anonymous", "in_steps", k=3, now=NOON)
    code = room.database.write_now(lambda db: guests.open_to_guests(db, room.teacher, checkin_id, 50, NOON))
    for choice in ("calm", "sad", "happy", "calm", "sad", "happy"):
        room.database.write_now(lambda db, choice=choice: guests.answer(db, code, Content(choice), room.sealer))
    assert found.all() == []


def test_what_is_deleted_is_told_to_nobody(installation: Installation, room: Classroom) -> None:

    found = warehouse(installation, "anonymous", "named")
    one, other = named(room), room.open("anonymous", k=3, now=NOON)
    for checkin_id in (one, other):
        answer_all(room, checkin_id)
    room.close(other)
    assert len(found.all()) == 16
    for checkin_id in (one, other):
        room.database.write_now(lambda db, it=checkin_id: lifecycle.remove(db, room.teacher, it, NOON))
    page = found.page(filter=ALWAYS, count="true")
    assert (page["value"], page["@odata.count"]) == ([], 0)


def test_a_key_of_one_registration_reads_no_other(installation: Installation) -> None:
    rooms = [classroom(installation.database, 5) for _ in range(2)]
    deployments = installation.database.read_now(lambda db: db.exec(select(Deployment).order_by(Deployment.id)).all())
    found = warehouse(installation, "named", "anonymous", registration_id=deployments[-1].registration_id)
    for number, room in enumerate(rooms):
        room.answer(room.students[0], named(room, question=f"{number} named?"), "calm", NOON)
        mixed = room.open("anonymous", k=3, now=NOON, question=f"{number} mixed?")
        answer_all(room, mixed)
        room.close(mixed)
        assert room.checkin(mixed - 1).is_exported == bool(number)
    assert {row["checkInTitle"] for row in found.all()} == {"1 named?", "1 mixed?"}
    assert found.page(filter=ALWAYS, count="true")["@odata.count"] == 6


def test_reading_names_is_written_down_before_they_are_told(installation: Installation, room: Classroom) -> None:
    found = warehouse(installation, "named", "anonymous", name="Hall of records")
    one, other = named(room), room.open("anonymous", k=3, now=NOON)
    for checkin_id in (one, other):
        answer_all(room, checkin_id)
    room.close(other)
    found.page(filter="submitDateTime lt 2001-01-01T00:00:00Z")
    assert not installation.database.read_now(lambda db: db.exec(select(KeyAccess)).all())
    for _ in range(3):
        found.all()
    [row] = installation.database.read_now(lambda db: db.exec(select(KeyAccess)).all())
    assert row.checkin_id == one and row.hour == accesses.hour_of(row.hour)
    reads = [it for it in installation.database.read_now(audit.newest) if it.action == "api_read"]
    assert [(it.actor, it.about) for it in reads] == [("API key Hall of records", "read.anonymous, read.named")]
    [key] = installation.database.read_now(lambda db: db.exec(select(ApiKey)).all())
    assert key.used_in == row.hour


def test_a_revoked_key_reads_nothing_more(installation: Installation, room: Classroom) -> None:
    found = warehouse(installation, "named")
    answer_all(room, named(room))
    link = found.page(filter=ALWAYS, top="2")["@odata.nextLink"]
    [key] = installation.database.read_now(api_keys.listed)
    installation.database.write_now(lambda db: api_keys.revoke(db, key.key.id, "ada@school.example", NOON))
    assert_refused(found.get(), "api_key_unknown", 401)
    with http_client() as client:
        again = client.get(link, headers={"Authorization": f"Bearer {found.secret}"})
    assert assert_refused(again, "api_key_unknown", 401)
    assert again.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Cookie": "a=b"}]
)
def test_without_a_key_nothing_is_told(shared: Installation, header: dict[str, str]) -> None:
    with http_client() as client:
        refused = client.get(shared.base_url + PATH, headers=header)
    assert_refused(refused, "api_key_missing", 401)
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_neither_a_cookie_of_the_portal_nor_a_secret_that_was_never_made_is_a_key(shared: Installation) -> None:
    portal = signed_in(shared)
    assert_refused(portal.walker.get(PATH), "api_key_missing", 401)
    assert_refused(Warehouse(shared, "reflect_nothing").get(), "api_key_unknown", 401)


def test_only_the_hash_of_a_secret_is_stored(installation: Installation) -> None:
    secret = make_key(installation.database, "named")
    [key] = installation.database.read_now(lambda db: db.exec(select(ApiKey)).all())
    assert secret.encode() not in key.secret_hash and len(key.secret_hash) == 32
    assert secret not in str(key)


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ("$orderby=submitDateTime", "api_option_unknown", "$orderby"),
        ("$expand=x", "api_option_unknown", "$expand"),
        ("top=3", "api_option_unknown", "top"),
        ("tab=1", "api_option_unknown", "tab"),
        ("$top=3&$top=4", "api_option_twice", "$top"),
        ("$top=0", "api_top", "999"),
        ("$top=1000", "api_top", "999"),
        ("$top=-1", "api_top", "999"),
        ("$top=%C2%B2", "api_top", "999"),
        ("$count=yes", "api_count", "true or false"),
        ("$select=id,name", "api_select", "name"),
        ("$select=", "api_select", ""),
        ("$filter=", "api_filter", "submitDateTime"),
        ("$filter=responderId eq '1'", "api_filter", "submitDateTime"),
        ("$filter=submitDateTime eq 2026-09-07T00:00:00Z", "api_filter", "ge, gt, le or lt"),
        ("$filter=submitDateTime ge 2026-09-07", "api_filter", "submitDateTime"),
        ("$filter=submitDateTime ge 2026-09-07T00:00:00", "api_filter", "submitDateTime"),
        ("$filter=submitDateTime ge 2026-13-07T00:00:00Z", "api_filter", "submitDateTime"),
        ("$filter=submitDateTime ge '2026-09-07T00:00:00Z", "api_filter", "submitDateTime"),
        ("$filter=(submitDateTime ge 2026-09-07T00:00:00Z", "api_filter", "submitDateTime"),
        ("$filter=submitDateTime ge 2026-09-07T00:00:00Z or submitDateTime lt 2026-09-07T00:00:00Z", "api_filter", ""),
        ("$filter=" + "submitDateTime ge 2026-09-07T00:00:00Z and " * 40 + "submitDateTime ge 2026-09-07T00:00:00Z", "api_filter", ""),
        ("$skiptoken=abc", "api_skiptoken", "@odata.nextLink"),
        ("$skiptoken=", "api_skiptoken", "@odata.nextLink"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_and_never_passed_over(
    shared: Installation, options: str, code: str, says: str
) -> None:
    found = warehouse(shared, "named")
    assert says in assert_refused(found.get(f"{PATH}?{options}".replace(" ", "%20")), code, 400)["message"]


def test_a_link_works_only_for_its_key_and_its_filter(installation: Installation, room: Classroom) -> None:
    found = warehouse(installation, "named")
    answer_all(room, named(room))
    page = found.page(filter=ALWAYS, top="2")
    token = parse_qs(urlsplit(page["@odata.nextLink"]).query)["$skiptoken"][0]
    assert len(found.page(skiptoken=token, top="2")["value"]) == 2, "the token knows the filter"
    assert_refused(warehouse(installation, "named").get(skiptoken=token), "api_skiptoken", 400)
    other = "submitDateTime ge 2001-01-01T00:00:00Z"
    assert_refused(found.get(skiptoken=token, filter=other), "api_skiptoken", 400)
    assert_refused(found.get(skiptoken=token[:-1]), "api_skiptoken", 400)


@pytest.mark.parametrize(
    ("method", "code"), [("POST", "cross_site"), ("DELETE", "cross_site"), ("OPTIONS", "api_method")]
)
def test_it_only_reads_and_lets_no_other_site_in(shared: Installation, method: str, code: str) -> None:
    with http_client() as client:
        refused = client.request(method, shared.base_url + PATH, headers={"Origin": "https://elsewhere.example"})
    assert_refused(refused, code, 403 if code == "cross_site" else 405)
    assert not [name for name in refused.headers if name.startswith("access-control")]


def test_writing_with_a_key_is_refused_too(shared: Installation) -> None:
    found = warehouse(shared, "named")
    with http_client() as client:
        refused = client.post(shared.base_url + PATH, headers={"Authorization": f"Bearer {found.secret}"})
    assert_refused(refused, "api_method", 405)
    assert_refused(found.get("/api/v1/people"), "api_missing", 404)


def test_a_key_that_calls_too_often_waits(installation: Installation) -> None:
    found, other = warehouse(installation, "named"), warehouse(installation, "named")
    served = 0
    while (refused := found.get()).status_code == 200 and served < 240:  # twice 120 where a minute ends meanwhile
        served += 1
    assert served >= 120
    assert_refused(refused, "api_too_many", 429)
    assert 0 < int(refused.headers["retry-after"]) <= 60
    other.page()


def test_ids_stay_the_same_and_name_nobody(installation: Installation, room: Classroom) -> None:
    found = warehouse(installation, "named")
    answer_all(room, named(room))
    before = {row["responderId"]: row["id"] for row in found.all()}
    room.answer(room.students[0], 1, "sad", NOON + timedelta(hours=1))
    assert {row["responderId"]: row["id"] for row in found.all()} == before
    people = installation.database.read_now(lambda db: db.exec(select(Person)).all())
    assert {person.sub for person in people} >= set(before)
