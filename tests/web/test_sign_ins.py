"""The institution's sign-in over HTTP, with a real OpenID provider: in a window for a frame that waits, and outside."""

import re
import shutil
from collections.abc import Iterator
from html import unescape
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlmodel import select

from reflect.storage.identities import Identity
from reflect.storage.sessions import LaunchSession
from reflect.web.sign_ins import ATTEMPT, IDENTITY
from tests.conftest import fresh_database
from tests.installation import Installation, installed
from tests.oidc.running import consented, provider
from tests.servers import free_port, listening
from tests.walker import FRAME, Walker
from tests.web.dialogs import Visit, opens_dialog, stored
from tests.web.launching import SESSION_COOKIE, scene

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("npm"), reason="the provider is an npm package")]

SECRET = "a secret of the tests"
_numbers = count(1)


@pytest.fixture(scope="module")
def here(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """An installation that asks everybody to sign in."""
    folder: Path = tmp_path_factory.mktemp("sign-ins")
    port, own = free_port(), listening()
    base_url = f"http://localhost:{own.getsockname()[1]}"
    with (
        provider(port, f"{base_url}/sign-ins/callback", f"{base_url}/admin/oidc/callback") as issuer,
        installed(
            fresh_database(backend, folder, request),
            bound=own,
            private_hosts="127.0.0.1",
            oidc_issuer=issuer,
            oidc_client_id="reflect",
            oidc_client_secret=SECRET,
            oidc_required=True,
        ) as running,
    ):
        yield running


def account() -> str:
    """An account that nobody has used."""
    return f"moth-{next(_numbers)}"


def arrived(running: Installation, *roles: str, walker: Walker | None = None) -> Visit:
    """Somebody new opens an activity."""
    somebody = scene(running, *roles, walker=walker)
    return Visit(running, somebody.walker, somebody.walker.follow(somebody.walk()))


def again(visit: Visit, title: str) -> httpx2.Response:
    """The page of the same course once more."""
    found = visit.walker.get(str(visit.page.url.raw_path, "ascii"))
    assert (title in found.text) or found.status_code != 200
    return found


def refusal(answer: httpx2.Response) -> tuple[str, int]:
    return answer.headers.get("reflect-error", ""), answer.status_code


def handover_in(page: httpx2.Response) -> str:
    found = re.search(r'name="handover" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def leaves(walker: Walker, handover: str = "") -> str:
    """Press the button; the provider's address to which the window goes on."""
    page = walker.post("/sign-ins", {"handover": handover})
    assert page.status_code == 200, page.text
    address = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert address
    assert f'content="0; url={address[1]}"' in page.text
    return unescape(address[1])


def signs_in(running: Installation, walker: Walker, name: str, handover: str = "") -> httpx2.Response:
    """All of the window; the page it ends with."""
    return walker.get(consented(leaves(walker, handover), name, running.base_url))


def test_a_launch_waits_for_the_sign_in_and_goes_on_by_itself(here: Installation) -> None:
    student, window, name = arrived(here), here.walker(), account()
    assert refusal(student.page) == ("sign_in_missing", 401)
    assert "Moth Paperlantern" in student.page.text
    asks = re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', student.page.text)
    assert asks
    part = {**FRAME, "HX-Request": "true", "HX-Request-Type": "partial", "Sec-Fetch-Site": "same-origin"}
    cookie = "; ".join(f"{key}={kept.value}" for key, kept in student.walker.cookies.items())

    def looks() -> httpx2.Response:
        address = here.base_url + unescape(asks[1])
        return student.walker.client.get(address, headers=part | {"Cookie": cookie})

    waiting = looks()
    assert (waiting.status_code, "hx-location" in waiting.headers) == (204, False)
    done = signs_in(here, window, name, handover_in(student.page))
    assert done.status_code == 200 and "You are signed in" in done.text
    assert list(window.cookies) == []
    assert urlsplit(str(student.page.url)).path in looks().headers["hx-location"]
    assert refusal(again(student, "Check-ins")) == ("", 200)


def test_a_session_that_waits_is_shown_nothing_anywhere(here: Installation) -> None:
    student = arrived(here)
    tab = str(student.page.url.query, "ascii")
    course = urlsplit(str(student.page.url)).path
    for path in (course, "/deep-links/new", f"{course}/talks", f"{course}/reflections"):
        assert refusal(student.walker.get(f"{path}?{tab}")) == ("sign_in_missing", 401)
    assert refusal(student.walker.post(f"{course}/talks?{tab}", {"message": "x"})) == ("sign_in_missing", 401)
    page = student.walker.get(f"/privacy?{tab}")
    assert page.status_code == 200 and "/talks?" not in page.text
    assert "/talks?" not in student.page.text and "/introductions?" not in student.page.text


def test_a_tab_without_cookies_goes_on_too(here: Installation) -> None:
    student = arrived(here)
    (token,) = (kept.value for name, kept in student.walker.cookies.items() if name.startswith(SESSION_COOKIE))
    bearer = {"Authorization": f"Bearer {token}", "HX-Request": "true", "HX-Request-Type": "full"}

    def looks() -> httpx2.Response:
        return here.walker().client.get(str(student.page.url), headers=bearer)

    waiting = looks()
    assert (refusal(waiting), waiting.headers["hx-retarget"]) == (("sign_in_missing", 401), "body")
    signs_in(here, here.walker(), account(), handover_in(waiting))
    assert looks().status_code == 200


def test_the_tools_own_address_waits_too_and_the_front_page_leads_to_the_sign_in(here: Installation) -> None:
    student = arrived(here)
    tab = str(student.page.url.query, "ascii")
    assert refusal(student.walker.get(f"/app?{tab}")) == ("sign_in_missing", 401)
    assert 'href="/sign-in"' in here.walker().get("/").text


def test_a_program_hears_the_code(here: Installation) -> None:
    student = arrived(here)
    cookie = "; ".join(f"{key}={kept.value}" for key, kept in student.walker.cookies.items())
    headers = {"Accept": "application/json", "Cookie": cookie}
    answer = student.walker.client.get(str(student.page.url), headers=headers)
    assert answer.json()["code"] == "sign_in_missing" and answer.status_code == 401


def test_the_page_stays_in_the_frame_and_the_window_in_none(here: Installation) -> None:
    student = arrived(here)
    campus = here.platform.base_url
    assert f"frame-ancestors {campus}" in student.page.headers["content-security-policy"]
    form = re.search(r'<form method="post" action="/sign-ins[^>]*>', student.page.text)
    assert form and 'target="_blank"' in form[0] and 'rel="noopener"' in form[0]
    window = here.walker()
    page = window.post("/sign-ins", {"handover": handover_in(student.page)})
    for answer in (page, window.get("/sign-in"), window.get("/sign-ins/callback")):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_the_request_is_bound_to_the_browser_and_asks_for_nothing_but_who_it_is(here: Installation) -> None:
    window, waiting = here.walker(), arrived(here)
    address = leaves(window, handover_in(waiting.page))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert (asked["scope"], asked["code_challenge_method"], asked["response_type"]) == ("openid", "S256", "code")
    assert asked["redirect_uri"] == f"{here.base_url}/sign-ins/callback"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert asked["max_age"] == "0", "who shares a computer is asked anew before they are linked"
    cookie = window.cookies[ATTEMPT]
    assert {"secure", "httponly"} <= set(cookie.attributes) and cookie.attributes["samesite"] == "Lax"
    assert "max_age" not in parse_qs(urlsplit(leaves(here.walker())).query)


def test_a_linked_person_is_not_asked_again(here: Installation) -> None:
    somebody = scene(here)
    walker = somebody.walker
    page = walker.follow(somebody.walk())
    signs_in(here, here.walker(), account(), handover_in(page))
    other = here.walker()
    assert refusal(other.follow(somebody.played_by(other).walk())) == ("", 200)


def test_an_account_that_is_somebody_elses_is_refused_and_another_may_be_tried(here: Installation) -> None:
    first, second, name = arrived(here), arrived(here), account()
    signs_in(here, here.walker(), name, handover_in(first.page))
    window = here.walker()
    answer = signs_in(here, window, name, handover_in(second.page))
    assert refusal(answer) == ("identity_taken", 409)
    assert "Sign out there, then start again." in answer.text
    assert refusal(again(second, "")) == ("sign_in_missing", 401)
    assert signs_in(here, window, account(), handover_in(second.page)).status_code == 200
    assert refusal(again(second, "Check-ins")) == ("", 200)


def test_another_account_than_before_is_refused(here: Installation) -> None:
    student, name = arrived(here), account()
    handover = handover_in(student.page)
    signs_in(here, here.walker(), name, handover)
    answer = signs_in(here, here.walker(), account(), handover)
    assert refusal(answer) == ("identity_differs", 409)
    assert "choose the account that you used before" in answer.text


def test_a_session_that_is_over_links_nobody(here: Installation) -> None:
    student, window = arrived(here), here.walker()
    back = consented(leaves(window, handover_in(student.page)), account(), here.base_url)
    tab = str(student.page.url.query, "ascii")
    student.walker.post(f"/sessions/end?{tab}", {})
    before = stored(here, lambda db: len(db.exec(select(Identity)).all()))
    assert refusal(window.get(back)) == ("sign_in_late", 401)
    assert stored(here, lambda db: len(db.exec(select(Identity)).all())) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("code", "made-up"), "sign_in_failed"),
        (("code", None), "sign_in_failed"),
        (("state", "made-up"), "sign_in_failed"),
        (("iss", "https://evil.example"), "sign_in_failed"),
    ],
)
def test_a_changed_answer_links_nobody(here: Installation, change: tuple[str, str | None], code: str) -> None:
    student, window = arrived(here), here.walker()
    back = urlsplit(consented(leaves(window, handover_in(student.page)), account(), here.base_url))
    given = {name: values[0] for name, values in parse_qs(back.query).items()} | {change[0]: change[1]}
    query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
    answer = window.get(f"{back.path}?{query}")
    assert refusal(answer) == (code, 401)
    assert "press the button to sign in once more" in answer.text
    assert refusal(again(student, "")) == ("sign_in_missing", 401)


def test_an_answer_is_only_taken_by_the_browser_that_asked(here: Installation) -> None:
    student, window, stranger = arrived(here), here.walker(), here.walker()
    back = consented(leaves(window, handover_in(student.page)), account(), here.base_url)
    assert refusal(stranger.get(back)) == ("sign_in_late", 401)
    leaves(stranger)
    assert refusal(stranger.get(back)) == ("sign_in_failed", 401)
    assert refusal(again(student, "")) == ("sign_in_missing", 401)
    assert window.get(back).status_code == 200


@pytest.mark.parametrize("sent", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}])
def test_another_site_cannot_send_somebody_to_sign_in_for_a_person(here: Installation, sent: dict[str, str]) -> None:
    """Or a student could have a classmate's account linked with their own person."""
    data = {"handover": handover_in(arrived(here).page)}
    answer = here.walker().client.post(f"{here.base_url}/sign-ins", data=data, headers=FRAME | sent)
    assert refusal(answer) == ("cross_site", 403)


@pytest.mark.parametrize("handover", ["nonsense", "gAAAAA", "é€🙂"])
def test_what_we_did_not_hand_over_begins_nothing(here: Installation, handover: str) -> None:
    window = here.walker()
    assert refusal(window.post("/sign-ins", {"handover": handover})) == ("sign_in_late", 401)
    assert not window.cookies


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/admin", "/courses/1?tab=x", ""])
def test_the_waiting_page_leads_to_pages_of_a_course_only(here: Installation, place: str) -> None:
    student = arrived(here)
    tab = str(student.page.url.query, "ascii")
    assert refusal(student.walker.get(f"/sign-ins/new?{tab}&place={place}")) == ("missing", 404)


def test_a_content_dialog_waits_too(here: Installation) -> None:
    teacher = opens_dialog(here)
    assert refusal(teacher.page) == ("sign_in_missing", 401)
    assert "place=/deep-links/new" in teacher.page.text
    signs_in(here, here.walker(), account(), handover_in(teacher.page))
    assert again(teacher, "").status_code == 200


def test_outside_the_lms_a_teacher_and_a_student_get_what_they_are(here: Installation) -> None:
    for role, has_results in (("Instructor", True), ("Learner", False)):
        inside, name = arrived(here, role), account()
        signs_in(here, here.walker(), name, handover_in(inside.page))
        browser = here.walker()
        assert "Sign in with 127.0.0.1" in browser.get("/sign-in").text
        courses = browser.follow(signs_in(here, browser, name))
        assert courses.status_code == 200 and "Maps of places that never were" in courses.text
        enter = re.search(r'action="(/sign-ins/courses/\d+)"', courses.text)
        assert enter
        page = browser.follow(browser.post(enter[1], {}))
        assert page.status_code == 200
        assert ("/checkins/new" in page.text) is has_results
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert IDENTITY not in browser.cookies, "each sign-in opens one course"
        assert refusal(browser.post(enter[1], {})) == ("sign_in_late", 401)


def test_outside_nobody_gets_into_a_course_that_is_not_theirs(here: Installation) -> None:
    other, inside, name = arrived(here, "Instructor"), arrived(here), account()
    signs_in(here, here.walker(), account(), handover_in(other.page))
    signs_in(here, here.walker(), name, handover_in(inside.page))
    browser = here.walker()
    courses = browser.follow(signs_in(here, browser, name))
    assert len(re.findall(r'action="/sign-ins/courses/\d+"', courses.text)) == 1
    course_id = urlsplit(str(other.page.url)).path.rpartition("/")[2]
    before = stored(here, lambda db: len(db.exec(select(LaunchSession)).all()))
    assert refusal(browser.post(f"/sign-ins/courses/{course_id}", {})) == ("missing", 404)
    assert stored(here, lambda db: len(db.exec(select(LaunchSession)).all())) == before


def test_outside_somebody_who_never_came_by_the_lms_is_told_how(here: Installation) -> None:
    answer = signs_in(here, here.walker(), account())
    assert refusal(answer) == ("identity_unknown", 403)
    assert "Open Reflect from your course once" in answer.text


def test_without_a_provider_the_page_says_to_open_reflect_in_the_lms(shared: Installation) -> None:
    walker = shared.walker()
    page = walker.get("/sign-in")
    assert page.status_code == 200 and "Open it from your course" in page.text and "<form" not in page.text
    assert refusal(walker.post("/sign-ins", {"handover": ""})) == ("missing", 404)
    assert refusal(walker.get("/sign-ins/callback")) == ("missing", 404)


def test_a_provider_that_is_down_is_said_to_be(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    down = {"oidc_issuer": f"http://127.0.0.1:{free_port()}", "oidc_client_id": "x", "oidc_client_secret": "x"}
    url = fresh_database(backend, tmp_path, request)
    with installed(url, private_hosts="127.0.0.1", oidc_required=True, **down) as running:
        answer = running.walker().post("/sign-ins", {"handover": ""})
        assert refusal(answer) == ("sign_in_unavailable", 503)
        assert "Try again in a minute." in answer.text
