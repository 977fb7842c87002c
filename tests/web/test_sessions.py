"""A session after a launch: how it is carried, how long it lasts, and how it ends."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlmodel import Session, col, select

from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import LONGEST, Stay, Viewer, begin
from reflect.storage.database import Database
from reflect.storage.sessions import LaunchSession
from reflect.web.sessions import Credentials, Together, Visit
from tests.classroom import NOW, classroom
from tests.installation import Installation
from tests.walker import FRAME, http_client
from tests.web.launching import (
    SESSION_COOKIE,
    Scene,
    amend,
    assert_admitted,
    assert_refused,
    scene,
    session_cookies,
)


@pytest.fixture
def teacher(shared: Installation) -> Scene:
    """A teacher inside."""
    inside = scene(shared, "Instructor")
    inside.arrive()
    return inside


def home(launching: Scene) -> str:
    """The address of the course of somebody's newest session."""
    session = launching.session()
    return f"/courses/{session.course_id}?tab={session.tab}"


def token_of(launching: Scene) -> str:
    """The newest session's token, as the browser keeps it."""
    return launching.walker.cookies[SESSION_COOKIE + launching.session().tab].value


def assert_lost(response: httpx2.Response) -> None:
    """A page that looks for the tab's token, and shows nothing of the course."""
    assert (response.status_code, response.headers["reflect-error"]) == (401, "session_missing")
    assert 'id="attach"' in response.text
    assert "Maps of places" not in response.text and "Moth" not in response.text


def bearing(launching: Scene, token: str) -> httpx2.Response:
    """Ask for the course with a token and no cookie."""
    address = launching.running.base_url + home(launching)
    return launching.walker.client.get(address, headers=FRAME | {"Authorization": f"Bearer {token}"})


def test_the_cookie_is_one_that_a_frame_may_keep_and_no_script_can_read(shared: Installation) -> None:
    answer = scene(shared).walk()
    (line,) = session_cookies(answer)
    assert line.endswith("; Path=/; Max-Age=28800; Secure; HttpOnly; SameSite=None; Partitioned")


def test_nothing_secret_is_in_an_address_or_stored(teacher: Scene) -> None:
    session, token = teacher.session(), token_of(teacher)
    answer = teacher.walk()
    assert parse_qs(urlsplit(answer.headers["location"]).query).keys() == {"tab"}
    assert session.token_hash == sha256(token.encode()).digest()
    assert token not in teacher.walker.get(home(teacher)).text
    assert len(token) >= 43


def test_every_launch_has_a_token_of_its_own(teacher: Scene) -> None:
    """No session fixation: what a browser brings along is never taken over."""
    first = token_of(teacher)
    teacher.arrive()
    assert token_of(teacher) != first
    assert bearing(teacher, first).status_code == 200


def test_a_tabs_name_alone_opens_nothing(teacher: Scene) -> None:
    stranger = teacher.running.walker()
    assert_lost(stranger.get(home(teacher)))
    assert_lost(stranger.get("/courses/1"))


def test_a_session_does_not_reach_another_course(teacher: Scene) -> None:
    other = scene(teacher.running, "Instructor")
    other.arrive()
    for address in (f"/courses/{other.session().course_id}", f"/courses/{other.session().course_id}/checkins/new"):
        assert_refused(teacher.walker.get(address), "missing")
        assert_refused(teacher.walker.get(f"{address}?tab={teacher.session().tab}"), "missing")
    assert_refused(teacher.walker.get("/courses/999999"), "missing")


@pytest.mark.parametrize("header", ["Bearer nonsense", "bearer é", "Bearer " + "x" * 8_000])
def test_a_wrong_bearer_token_is_refused_even_beside_a_good_cookie(teacher: Scene, header: str) -> None:
    name = SESSION_COOKIE + teacher.session().tab
    headers = FRAME | {"Authorization": header.encode(), "Cookie": f"{name}={token_of(teacher)}"}
    page = teacher.walker.client.get(teacher.running.base_url + home(teacher), headers=headers)
    assert_refused(page, "session_missing")


def rewind(launching: Scene, **moments: timedelta) -> None:
    """Move a session's moments into the past."""

    def work(db: Session) -> None:
        row = db.exec(select(LaunchSession).where(col(LaunchSession.tab) == tab)).one()
        for name, ago in moments.items():
            setattr(row, name, getattr(row, name) - ago)
        db.add(row)

    tab = launching.session().tab
    launching.running.database.write_now(work)


@pytest.mark.parametrize(("minutes", "is_alive"), [(59, True), (61, False)])
def test_a_session_is_over_after_an_hour_of_quiet(teacher: Scene, minutes: int, is_alive: bool) -> None:
    token = token_of(teacher)
    rewind(teacher, seen_at=timedelta(minutes=minutes))
    assert (bearing(teacher, token).status_code == 200) == is_alive
    assert (teacher.walker.get(home(teacher)).status_code == 200) == is_alive


def test_using_a_session_keeps_it_from_going_quiet(teacher: Scene) -> None:
    rewind(teacher, seen_at=timedelta(minutes=50))
    assert teacher.walker.get(home(teacher)).status_code == 200
    assert datetime.now(UTC) - teacher.session().seen_at < timedelta(minutes=1)


@pytest.mark.parametrize(("minutes", "is_alive"), [(8 * 60 - 1, True), (8 * 60 + 1, False)])
def test_a_session_is_over_after_eight_hours_however_busy(teacher: Scene, minutes: int, is_alive: bool) -> None:
    rewind(teacher, expires_at=timedelta(minutes=minutes))
    assert (teacher.walker.get(home(teacher)).status_code == 200) == is_alive


def test_what_was_typed_comes_back_from_a_session_that_is_over(teacher: Scene) -> None:
    path = f"/courses/{teacher.session().course_id}/questions?tab={teacher.session().tab}"
    rewind(teacher, seen_at=timedelta(minutes=61))
    page = teacher.walker.post(path, {"question": "How was <b>the pond</b>?", "zone": "Europe/London"})
    assert (page.status_code, page.headers["reflect-error"]) == (401, "session_missing")
    assert "What you had written" in page.text and "How was &lt;b&gt;the pond&lt;/b&gt;?" in page.text
    assert "Europe/London" not in page.text
    assert "What you had written" not in teacher.walker.post(path, {"question": " "}).text


def test_leaving_ends_the_session_of_this_tab_only(teacher: Scene) -> None:
    first, first_token = home(teacher), token_of(teacher)
    teacher.arrive()
    second = home(teacher)
    left = teacher.walker.post(f"/sessions/end?tab={parse_qs(urlsplit(first).query)['tab'][0]}", {})
    assert (left.status_code, left.headers["location"]) == (303, "/?left=1")
    assert "You have left Reflect" in teacher.walker.get("/?left=1").text
    assert_lost(teacher.walker.get(first))
    assert bearing(teacher, first_token).headers["reflect-error"] == "session_missing"
    assert teacher.walker.get(second).status_code == 200


def test_leaving_with_a_token_ends_the_session_too(teacher: Scene) -> None:
    address, token = home(teacher), token_of(teacher)
    headers = {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "cross-site"}
    assert teacher.walker.client.post(f"{teacher.running.base_url}/sessions/end", headers=headers).status_code == 303
    assert_lost(teacher.walker.get(address))


@pytest.mark.parametrize("tab", ["", "nonsense", "%E2%82%AC", "%0d%0aSet-Cookie:%20x=1", "a%3Bb%2Cc", "x" * 4_000])
def test_leaving_with_any_tab_does_no_harm(shared: Installation, tab: str) -> None:
    left = shared.walker().post(f"/sessions/end?tab={tab}", {})
    assert left.status_code == 303
    assert "x=1" not in left.headers


def test_another_site_cannot_end_a_session(teacher: Scene) -> None:
    cookie = f"{SESSION_COOKIE}{teacher.session().tab}={token_of(teacher)}"
    headers = FRAME | {"Cookie": cookie, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    ended = teacher.walker.client.post(f"{teacher.running.base_url}/sessions/end", headers=headers)
    assert_refused(ended, "cross_site")
    assert teacher.walker.get(home(teacher)).status_code == 200


def test_sessions_of_a_platform_that_is_switched_off_are_over(installation: Installation) -> None:
    inside = scene(installation)
    page = inside.arrive()
    token = token_of(inside)
    amend(installation, 1, is_enabled=False)
    assert_lost(inside.walker.get(str(page.url)))
    assert bearing(inside, token).headers["reflect-error"] == "session_missing"


def test_a_browser_keeps_eight_tabs_and_lets_go_of_the_oldest(installation: Installation) -> None:
    many = scene(installation)
    for _ in range(10):
        assert_admitted(many.walk())
    kept = [name for name in many.walker.cookies if name.startswith(SESSION_COOKIE)]
    assert len(kept) == 8
    assert SESSION_COOKIE + many.session().tab in kept


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_lost_session_is_told_as_json_where_json_is_wanted(shared: Installation, method: str) -> None:
    headers = {"Accept": "application/json", "Origin": shared.base_url}
    with http_client() as client:
        address = f"{shared.base_url}/courses/1/checkins" if method == "POST" else f"{shared.base_url}/courses/1"
        response = client.request(method, address, headers=headers, data={"x": "1"} if method == "POST" else None)
    assert response.headers["content-type"] == "application/json"
    assert response.json()["code"] == "session_missing"
    assert response.status_code == 401


def begun(db: Session, viewer: Viewer) -> str:
    stay = Stay(viewer.person_id, viewer.course_id, viewer.role, viewer.is_preview, "en", "")
    return begin(db, stay, NOW)[1]


def test_visitors_who_are_admitted_together_are_each_themselves(database: Database) -> None:
    room, foreign = classroom(database, 2), classroom(database, 1)
    number = room.open("named")

    def work(db: Session) -> list[tuple[int, str]]:
        first, second = (begun(db, student) for student in room.students)
        elsewhere = begun(db, foreign.students[0])
        shown = [Credentials((first,)), Credentials((elsewhere, "unknown", second)), Credentials((second,))]
        visits = [Visit(one, NOW, number, str(place)) for place, one in enumerate(shown)]
        echo = Together(lambda _, wishes: [about for _, about in wishes])
        return [(viewer.person_id, about) for viewer, about in echo(db, visits)]

    one, two = (student.person_id for student in room.students)
    assert database.write_now(work) == [(one, "0"), (two, "1"), (two, "2")]


@pytest.mark.parametrize(("late", "error"), [(False, Missing), (True, Refused)])
def test_nobody_is_admitted_among_others_who_would_not_be_alone(
    database: Database, late: bool, error: type[Exception]
) -> None:
    room, foreign = classroom(database, 1), classroom(database, 1)
    number = room.open("named")

    def work(db: Session) -> object:
        good, other = begun(db, room.students[0]), begun(db, (room if late else foreign).students[0])
        visits = [
            Visit(Credentials((good,)), NOW, number, ""),
            Visit(Credentials((other,)), NOW + LONGEST * late, number, ""),
        ]
        return Together(lambda _, wishes: [""] * len(wishes))(db, visits)

    with pytest.raises(error, match=None if error is Missing else "session_missing"):
        database.write_now(work)
