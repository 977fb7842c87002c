"""A window of its own over HTTP: what a page hands over, what it opens, and what it does not."""

import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, update
from sqlmodel import select

from reflect.domain.windows import LIFETIME
from reflect.keyring import Keyring
from reflect.storage.sessions import LaunchSession
from tests.installation import SECRET, Installation
from tests.walker import FRAME
from tests.web.dialogs import STUDENT, TEACHER, Visit, arrives, stored
from tests.web.launching import SESSION_COOKIE

CIPHER = Fernet(urlsafe_b64encode(Keyring(SECRET).key_for("window handover")))


def presenting(running: Installation) -> tuple[Visit, int]:
    """A teacher with the wall in a frame."""
    teacher = arrives(running, TEACHER)
    checkin_id = teacher.asks("How was the wall?", shared_with_class="on")
    teacher.goes_to(f"/checkins/{checkin_id}/presentations")
    return teacher, checkin_id


def handover_in(page: httpx2.Response) -> str:
    found = re.search(r'name="handover" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def window(running: Installation) -> Visit:
    """A window that knows nothing: no cookie of the frame's comes along."""
    walker = running.walker()
    return Visit(running, walker, walker.get("/"))


def opens(visit: Visit, handover: str) -> httpx2.Response:
    """Post a handover; the answer, before it leads anywhere."""
    return visit.walker.post("/windows", {"handover": handover})


def refusal(answer: httpx2.Response) -> tuple[str, int]:
    return answer.headers.get("reflect-error", ""), answer.status_code


def sessions_of(running: Installation) -> int:
    return stored(running, lambda db: len(db.exec(select(LaunchSession)).all()))


def test_the_window_shows_the_page_in_a_session_of_its_own(installation: Installation) -> None:
    teacher, checkin_id = presenting(installation)
    other = window(installation)
    answer = opens(other, handover_in(teacher.page))
    place = urlsplit(answer.headers["location"])
    assert (answer.status_code, place.path) == (303, f"/checkins/{checkin_id}/presentations")
    (tab,) = parse_qs(place.query).pop("tab")
    assert parse_qs(place.query).keys() == {"tab"}
    assert list(other.walker.cookies) == [SESSION_COOKIE + tab]
    assert tab not in str(teacher.page.url)
    page = other.walker.follow(answer)
    assert page.status_code == 200 and "How was the wall?" in page.text
    assert other.walker.get(f"/checkins/{checkin_id}/results?tab={tab}").status_code == 200


def test_nothing_that_opens_a_window_is_in_an_address(installation: Installation) -> None:
    teacher, _ = presenting(installation)
    handover, page = handover_in(teacher.page), teacher.page.text
    assert page.count(handover) == 1
    form = re.search(r'<form id="window-form"[^>]*>', page)
    assert form and 'method="post"' in form[0] and 'target="_blank"' in form[0] and 'rel="noopener"' in form[0]
    other = window(installation)
    assert handover not in opens(other, handover).headers["location"]
    for cookie in (*teacher.walker.cookies.values(), *other.walker.cookies.values()):
        assert cookie.value not in page


def test_a_handover_opens_one_window(installation: Installation) -> None:
    teacher, _ = presenting(installation)
    handover = handover_in(teacher.page)
    opens(window(installation), handover)
    second = window(installation)
    answer = opens(second, handover)
    assert refusal(answer) == ("window_used", 409)
    assert "Close this window, and press the button in the other one once more." in answer.text
    assert not second.walker.cookies


@pytest.mark.parametrize(("age", "code"), [(LIFETIME - timedelta(seconds=5), ""), (LIFETIME * 1.1, "window_expired")])
def test_a_handover_grows_old_in_minutes(installation: Installation, age: timedelta, code: str) -> None:
    teacher, _ = presenting(installation)
    content = CIPHER.decrypt(handover_in(teacher.page).encode())
    then = int((datetime.now(UTC) - age).timestamp())
    answer = opens(window(installation), CIPHER.encrypt_at_time(content, then).decode())
    assert refusal(answer) == ((code, 410) if code else ("", 303))


def test_a_session_that_is_over_opens_nothing(installation: Installation) -> None:
    teacher, _ = presenting(installation)
    handover = handover_in(teacher.page)
    installation.database.write_now(lambda db: db.exec(delete(LaunchSession)))
    assert refusal(opens(window(installation), handover)) == ("session_missing", 401)
    assert sessions_of(installation) == 0


def test_a_session_that_has_gone_quiet_opens_nothing(installation: Installation) -> None:
    teacher, _ = presenting(installation)
    handover = handover_in(teacher.page)
    long_ago = datetime.now(UTC) - timedelta(minutes=61)
    installation.database.write_now(lambda db: db.exec(update(LaunchSession).values(seen_at=long_ago)))
    assert refusal(opens(window(installation), handover)) == ("session_missing", 401)


@pytest.mark.parametrize("handover", ["", "nonsense", "gAAAAA", "é€🙂", "x" * 4_000])
def test_what_we_did_not_hand_over_opens_nothing(installation: Installation, handover: str) -> None:
    assert refusal(opens(window(installation), handover)) == ("window_unknown", 400)
    assert sessions_of(installation) == 0


def test_what_another_purpose_sealed_is_no_handover(installation: Installation) -> None:
    other = Fernet(urlsafe_b64encode(Keyring(SECRET).key_for("launch ticket"))).encrypt(b"{}").decode()
    assert refusal(opens(window(installation), other)) == ("window_unknown", 400)


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_another_site_cannot_open_a_window_for_somebody(installation: Installation, sent: dict[str, str]) -> None:
    """Or it could put a visitor into a session of its own choosing."""
    teacher, _ = presenting(installation)
    data, before = {"handover": handover_in(teacher.page)}, sessions_of(installation)
    address = f"{installation.base_url}/windows"
    answer = teacher.walker.client.post(address, data=data, headers=FRAME | sent)
    assert refusal(answer) == ("cross_site", 403)
    assert sessions_of(installation) == before
    assert refusal(opens(window(installation), data["handover"])) == ("", 303)


def test_a_page_that_stands_in_a_window_offers_none(installation: Installation) -> None:
    teacher, _ = presenting(installation)
    cookie = "; ".join(f"{name}={kept.value}" for name, kept in teacher.walker.cookies.items())
    address = str(teacher.page.url)

    def offers(destination: str) -> bool:
        headers = {"Cookie": cookie} | ({"Sec-Fetch-Dest": destination} if destination else {})
        return "window-form" in teacher.walker.client.get(address, headers=headers).text

    assert [offers(destination) for destination in ("document", "iframe", "empty", "")] == [False, True, True, True]


def fresh(visit: Visit, place: str = "") -> httpx2.Response:
    """Ask for a fresh handover, as the page does each minute; or for that of another place."""
    asked = re.search(r'id="window-offer" hx-get="([^"]+)"', visit.page.text)
    assert asked
    address = unescape(asked[1])
    return visit.walker.get(re.sub(r"place=.*", f"place={place}", address) if place else address)


def test_a_page_fetches_a_fresh_handover_for_itself(installation: Installation) -> None:
    teacher, checkin_id = presenting(installation)
    opens(window(installation), handover_in(teacher.page))
    part = fresh(teacher)
    assert part.status_code == 200 and "<html" not in part.text
    assert handover_in(part) != handover_in(teacher.page)
    assert opens(window(installation), handover_in(part)).headers["location"].startswith(f"/checkins/{checkin_id}/pre")


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/checkins/1%0d%0aSet-Cookie:x",
        "/checkins/1?tab=other",
        "/checkins/1/../../sessions",
        "/admin",
        "checkins/1",
        "%20",
    ],
)
def test_a_window_leads_to_a_page_of_a_course_and_nowhere_else(installation: Installation, place: str) -> None:
    teacher, _ = presenting(installation)
    assert refusal(fresh(teacher, place)) == ("missing", 404)


def test_without_a_session_nothing_is_handed_over(installation: Installation) -> None:
    assert refusal(window(installation).walker.get("/windows/new?place=/courses/1"))[0] == "session_missing"


def test_a_window_has_the_role_that_its_page_had(installation: Installation) -> None:
    _, checkin_id = presenting(installation)
    student = arrives(installation, STUDENT)
    tab = str(student.page.url.query, "ascii")
    part = student.walker.get(f"/windows/new?{tab}&place=/checkins/{checkin_id}/presentations")
    other = window(installation)
    assert refusal(other.walker.follow(opens(other, handover_in(part)))) == ("not_allowed", 403)
