"""An outside reader who fetches everything, in two schools that differ only in what must not be readable.

After every answer each reader (the teacher, and a student who answers alike in both) opens every address of the app
that the routes know, pages and files alike. If any byte differs that is not a number of the moment, something tells.
"""

import io
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from starlette.routing import Route

from reflect.storage.services import CourseService
from reflect.web.routes import ROUTES
from tests.conftest import fresh_database
from tests.installation import Installation, installed
from tests.walker import Walker
from tests.web.api.warehouse import ALWAYS, PATH, Warehouse, warehouse
from tests.web.courses import Lesson, lesson

World = Sequence[str]


@dataclass(frozen=True)
class Pair:
    """Two worlds that a reader must not tell apart; the student of that place looks, and answers alike in both."""

    one: World
    other: World
    reader: int
    releases: Sequence[str] = ("in_steps", "at_close")


PAIRS = {
    "who answered what within a batch": Pair(
        ("calm", "calm", "happy", "tired", "tired", "calm"), ("tired", "happy", "calm", "tired", "calm", "calm"), 5
    ),
    "everyone, or all but two": Pair(
        ("calm", "calm", "calm", "calm", "calm", "calm"), ("calm", "happy", "calm", "tired", "calm", "calm"), 5
    ),
    "what waits for its release": Pair(
        ("calm", "calm", "happy", "tired", "sad", "calm"),
        ("calm", "calm", "happy", "tired", "sad", "tired"),
        0,
        ["in_steps"],
    ),
}
CASES = [(name, release) for name, pair in PAIRS.items() for release in pair.releases]
FIRST_LOOK = 4
"""With the fifth answer the first step may be released."""
FILLED: Mapping[str, Sequence[str]] = {
    "kind": ("csv", "xlsx", "json"),
    "key": ("calm",),
    "guide": ("routine",),
    "poster": ("feelings",),
}
ELSEWHERE = {
    "/lti/login", "/lti/launch", "/lti/register", "/lti/keys", "/lti/proofs", "/health/live", "/health/ready", "/metrics",
    "/deep-links/new", "/sessions/end", "/windows/new", "/api/v1/openapi.json", "/diagnostics/probes", PATH,
    "/sign-in", "/sign-ins/new", "/sign-ins/callback",
}  # fmt: skip
"""Addresses that know no course, so that what they say does not depend on any answer; and the API's, which a key opens."""
NOT_HERE = {"series_id", "talk_id", "group_id", "code"}
"""Parts of addresses of which this course has none."""
MOMENTS = [
    (re.compile(r"tab=[0-9a-f]+"), "tab"),
    (re.compile(r'value="[0-9a-f]{14,64}"'), "chance"),
    (re.compile(r'value="gAAAAA[\w=-]+"'), "handover"),
    (re.compile(r"localhost:\d+|127\.0\.0\.1:\d+"), "host"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([+]00:00)?"), "moment"),
    (re.compile(r"\d{1,2}:\d\d(?::\d\d)?.?[AP]M"), "moment"),
    (re.compile(r"<code>[0-9a-f]{8}</code>"), "number"),
    (re.compile(r"group-\d+|groups/\d+"), "group"),
]
"""What differs between any two installations: tabs, ports, times of day, and numbers that come by chance."""


def addresses(course_id: int, checkin_ids: Sequence[int], person_id: int) -> Iterator[str]:
    """Every address that can be opened, with all its parts filled in; fails for a part that nobody thought of."""
    for route in ROUTES:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()) or route.path in ELSEWHERE:
            continue
        if route.path.startswith("/admin"):
            continue
        parts = set(re.findall(r"{(\w+)", route.path))
        if parts & NOT_HERE:
            continue
        known = {
            "course_id": [str(course_id)],
            "checkin_id": list(map(str, checkin_ids)),
            "person_id": [str(person_id)],
            "follow_up_id": ["1"],
            **FILLED,
        }
        assert parts <= set(known), f"{route.path}: which {parts - set(known)} shall an attacker try?"
        paths = [route.path]
        for part in parts:
            paths = [re.sub(rf"{{{part}(:\w+)?}}", value, path) for path in paths for value in known[part]]
        yield from paths


def seen(walker: Walker, path: str, tab: str) -> str:
    """What a reader gets of an address, without what differs between any two installations."""
    answer = walker.get(f"{path}?{tab}")
    content = answer.content
    if "spreadsheetml" in answer.headers.get("content-type", ""):
        with ZipFile(io.BytesIO(content)) as parts:
            sheets = [name for name in sorted(parts.namelist()) if "sheet" in name or "sharedStrings" in name]
            content = b"\n".join(parts.read(name) for name in sheets)
            content = re.sub(rb"<c r=\"\w+\" s=\"\d\"><v>[\d.]+</v>", b"moment", content)
    text = content.decode()
    for pattern, word in MOMENTS:
        text = pattern.sub(word, text)
    etag = answer.headers.get("etag", "")
    return f"{path} {answer.status_code} {answer.headers.get('reflect-error', '')} {etag}\n{text}"


def fetched(records: Warehouse) -> str:
    """What a data warehouse gets, without the moment at which the check-in was opened."""
    count = records.page(filter=ALWAYS, count="true", top="1")["@odata.count"]
    rows = [{**row, "createdDateTime": ""} for row in records.all(top="2")]
    assert count == len(rows)
    return str(rows)


def history(running: Installation, world: World, reader: int, release: str) -> list[dict[tuple[str, str], str]]:
    """All that both readers can open, after every answer and after the close."""
    students = [running.walker() for _ in world]
    held = Lesson(running, running.walker(), students[reader])
    held.arrive(held.teacher, "3")
    # Everybody's number comes with the roster, in its order, whoever arrives first afterwards.
    await_roster(held)
    for number, walker in enumerate(students, 6):
        held.arrive(walker, str(number))
    readers = {"teacher": held.teacher, "student": students[reader]}
    checkin_id = held.ask("Between us?", anonymity="anonymous", release=release, shared_with_class="on")
    named_id = held.ask("By name?", shared_with_class="on")
    for walker in students:
        held.answer(named_id, "curious", walker)
    rules = {"unpleasant": "yes", "lower": "yes", "silent": "yes", "unpleasant-count": "2", "unpleasant-span": "2"}
    assert held.teacher.post(held.at(held.teacher, "/reminders"), rules).status_code == 303
    student = re.search(r"/students/\d+", held.teacher.get(held.at(held.teacher, "/students")).text)
    assert student
    held.teacher.post(held.at(held.teacher, f"{student[0]}/follow-ups"), {"words": "Ask again."})
    looks, records = [], warehouse(running, "anonymous")

    def look() -> None:
        looks.append(
            {
                (reader, path): seen(walker, path, held.tab(walker))
                for reader, walker in readers.items()
                for path in addresses(held.course_id, [checkin_id, named_id], person_of(held))
            }
            | {("warehouse", PATH): fetched(records)}
        )

    for number, (walker, choice) in enumerate(zip(students, world, strict=True)):
        assert held.answer(checkin_id, choice, walker).status_code == 200
        if number >= FIRST_LOOK:
            look()
    held.close(checkin_id)
    look()
    return looks


def await_roster(held: Lesson) -> None:
    """Wait until the roster has come, which the teacher's arrival asked for: it changes who is awaited."""
    deadline = time.monotonic() + 60
    while not held.installation.database.read_now(
        lambda db: db.scalar(select(CourseService.roster_fetched_at))  # type: ignore[call-overload]
    ):
        assert time.monotonic() < deadline, "the roster did not come"
        held.teacher.get(held.at(held.teacher))
        time.sleep(0.1)


def person_of(held: Lesson) -> int:
    """Reflect's number of some student who answered."""
    rows = held.installation.database.read_now(
        lambda db: db.connection().exec_driver_sql("SELECT min(person_id) FROM participation").scalar()
    )
    return int(rows or 0)


@pytest.mark.slow
@pytest.mark.parametrize(("difference", "release"), CASES)
def test_no_address_tells_two_worlds_apart(
    difference: str,
    release: str,
    backend: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("secrets.choice", min)
    pair = PAIRS[difference]

    def both(attempt: int) -> list[list[dict[tuple[str, str], str]]]:
        histories = []
        for number, world in enumerate((pair.one, pair.other)):
            folder = tmp_path / f"{attempt}-{number}"
            folder.mkdir()
            with installed(fresh_database(backend, folder, request)) as running:
                histories.append(history(running, world, pair.reader, release))
        return histories

    began = hour()
    histories = both(1)
    if hour() != began:
        # Who looked is kept by the hour: a new one is the only thing that time itself may change.
        histories = both(2)
    for one, other in zip(*histories, strict=True):
        assert one.keys() == other.keys()
        for key in one:
            assert one[key] == other[key], key


def hour() -> datetime:
    """The hour that it is now."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def test_the_reader_would_notice_a_difference(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The same look at two named check-ins that differ in one answer does differ, so that the test above can fail."""
    looks = []
    for number, feeling in enumerate(("calm", "happy")):
        folder = tmp_path / str(number)
        folder.mkdir()
        with installed(fresh_database(backend, folder, request)) as running:
            held = lesson(running)
            checkin_id = held.ask("By name?")
            held.answer(checkin_id, feeling)
            looks.append(
                {
                    path: seen(held.teacher, path, held.tab(held.teacher))
                    for path in addresses(held.course_id, [checkin_id], 1)
                }
            )
    differing = {path for path in looks[0] if looks[0][path] != looks[1][path]}
    assert "/checkins/1/results" in differing
    assert {f"/checkins/1/exports/results.{kind}" for kind in ("csv", "xlsx")} <= differing
    assert not {"/questions", "/privacy", "/toolkit", "/toolkit/routine"} & differing
