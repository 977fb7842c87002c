"""What every answer carries and every change must show."""

import re
import socket
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reflect.demo.forging import changed
from reflect.storage.checkins import Checkin
from reflect.web.app import create_app
from reflect.web.errors import Unbroken, refuse
from reflect.web.protection import SmallBodies, origins
from tests.installation import Installation
from tests.servers import listening, serving
from tests.walker import FRAME, http_client
from tests.web.launching import Scene, assert_refused, nothing_written, scene
from tests.web.test_sessions import home, teacher, token_of  # noqa: F401 - a fixture among them

PUBLIC = ("/", "/privacy", "/app", "/courses/1", "/lti/launch", "/lti/login", "/nowhere", "/static/css/tokens.css")


def policy_of(response: httpx2.Response) -> dict[str, str]:
    """The directives of a page's Content-Security-Policy."""
    directives = (part.strip().partition(" ") for part in response.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in directives}


@pytest.mark.parametrize("path", [*PUBLIC, "/lti/keys", "/health/live", "/static/nothing"])
def test_every_answer_has_the_headers_that_protect_it(shared: Installation, path: str) -> None:
    response = shared.walker().get(path)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert "camera=()" in response.headers["permissions-policy"]
    assert policy_of(response)["default-src"] == "'none'"
    assert "set-cookie" not in response.headers


def test_a_page_that_another_opened_may_reach_it_only_before_there_is_a_course(shared: Installation) -> None:
    """Where nothing is kept, a launch's pages ask the page that opened them, and so do pages for anybody that are
    loaded anew; what shows a course is cut off."""
    walker = scene(shared).walker
    openers = [
        walker.login("3", "2", "1"),
        walker.get("/courses/1?tab=lost"),
        walker.get("/privacy?tab=lost"),
        admitted := walker.launch(),
        walker.get(f"/privacy?{urlsplit(admitted.headers['location']).query}"),
        walker.get("/admin/sign-in?tab=lost"),
    ]
    policies = [answer.headers.get_list("cross-origin-opener-policy") for answer in openers]
    assert policies == [["unsafe-none"]] * 3 + [["same-origin-allow-popups"]] * 3


@pytest.mark.parametrize("path", [path for path in PUBLIC if not path.startswith("/static")])
def test_no_page_is_kept_by_a_browser_or_a_proxy(shared: Installation, path: str) -> None:
    assert shared.walker().get(path).headers["cache-control"] == "no-store"


def test_the_answers_of_a_launch_are_kept_by_nobody(shared: Installation) -> None:
    launching = scene(shared)
    assert launching.login().headers["cache-control"] == "no-store"
    answer = launching.launch()
    assert answer.headers["cache-control"] == "no-store"
    assert launching.walker.follow(answer).headers["cache-control"] == "no-store"


def test_pages_of_a_course_are_framed_by_their_platform_only(teacher: Scene) -> None:  # noqa: F811
    for address in (home(teacher), home(teacher).replace("?", "/checkins/new?")):
        page = teacher.walker.get(address)
        assert page.status_code == 200
        policy = policy_of(page)
        assert policy["frame-ancestors"] == teacher.running.platform.base_url
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["base-uri"] == "'none'"
        assert "unsafe" not in page.headers["content-security-policy"]


def test_two_platforms_frame_their_own_pages_and_not_each_others(installation: Installation) -> None:
    there = scene(installation)
    page = there.arrive(
        changed("launch_presentation", lambda told: told | {"return_url": "https://return.example:8443/x?key=1"})
    )
    assert policy_of(page)["frame-ancestors"] == f"{installation.platform.base_url} https://return.example:8443"
    here = scene(installation).arrive()
    assert policy_of(here)["frame-ancestors"] == installation.platform.base_url


def test_the_page_that_asks_for_a_proof_is_framed_by_its_platform_only(shared: Installation) -> None:
    launching = scene(shared)
    launching.login()
    launching.walker.cookies.clear()
    assert policy_of(launching.launch())["frame-ancestors"] == shared.platform.base_url


def test_no_page_has_anything_inline(teacher: Scene) -> None:  # noqa: F811
    lost = teacher.running.walker()
    pages = [lost.get(path) for path in PUBLIC if not path.startswith("/static")]
    pages += [teacher.login(), teacher.walker.get(home(teacher))]
    pages += [teacher.walker.get(home(teacher).replace("?", "/checkins/new?"))]
    for page in pages:
        assert "<style" not in page.text
        assert not re.search(r"\s(style|on\w+)=", page.text), page.url
        assert not re.search(r"<script(?![^>]*\ssrc=)", page.text), page.url


@pytest.mark.parametrize(
    ("urls", "found"),
    [
        (["https://lms.example/moodle", "https://lms.example/x"], "https://lms.example"),
        (["https://a.example", "http://b.example:81/x?y"], "https://a.example http://b.example:81"),
        (["https://user:key@lms.example/"], "https://lms.example"),
        (["https://[::1]:8443/x"], "https://[::1]:8443"),
        (["https://bücher.example/"], "https://xn--bcher-kva.example"),
        ([None, "", "javascript:alert(1)", "data:x", "//x.example", "https:///x"], "'none'"),
        (
            ["https://a;script-src *", "https://a,b", "https://a b", "https://'self'", "https://*", "https://\u2024"],
            "'none'",
        ),
    ],
)
def test_only_plain_hosts_become_words_of_a_policy(urls: list[str | None], found: str) -> None:
    assert origins(urls) == found


# --- writes -----------------------------------------------------------------------------------------------------------

FORGED = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "typed in": {"Sec-Fetch-Site": "none"},
    "cross-site with our origin": {"Sec-Fetch-Site": "cross-site", "Origin": "OURS"},
    "another origin": {"Origin": "https://evil.example"},
    "an opaque origin": {"Origin": "null"},
    "our origin on another port": {"Origin": "http://localhost:1"},
    "our origin and more": {"Origin": "OURS.evil.example"},
    "only a referer": {"Referer": "OURS/"},
    "neither": {},
}
CHECKIN = {"question": "How was it?", "question_key": "", "answer_form": "words_core", "anonymity": "named"}


def write(inside: Scene, headers: dict[str, str], *, by_cookie: bool = True) -> httpx2.Response:
    """Make a check-in with these headers, as the teacher inside."""
    own = {
        "Accept": "text/html",
        **{name: value.replace("OURS", inside.running.base_url) for name, value in headers.items()},
    }
    if by_cookie:
        own["Cookie"] = "; ".join(f"{name}={cookie.value}" for name, cookie in inside.walker.cookies.items())
    address = inside.running.base_url + home(inside).replace("?", "/checkins?")
    return inside.walker.client.post(address, data=CHECKIN, headers=own)


@pytest.mark.parametrize("how", FORGED)
def test_a_change_that_another_site_asks_for_is_refused(teacher: Scene, how: str) -> None:  # noqa: F811
    before = teacher.running.count(Checkin)
    assert_refused(write(teacher, FORGED[how]), "cross_site")
    assert teacher.running.count(Checkin) == before


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "OURS"}])
def test_a_change_from_our_own_page_is_made(teacher: Scene, headers: dict[str, str]) -> None:  # noqa: F811
    assert write(teacher, headers).status_code == 303


def test_a_change_that_carries_its_own_token_needs_no_more(teacher: Scene) -> None:  # noqa: F811
    headers = {"Authorization": f"Bearer {token_of(teacher)}", "Sec-Fetch-Site": "cross-site"}
    assert write(teacher, headers, by_cookie=False).status_code == 303


@pytest.mark.parametrize(
    ("header", "code"),
    [("Bearer nonsense", "session_missing"), ("Basic bW90aDptb3Ro", "cross_site"), ("Bearerless", "cross_site")],
)
def test_other_credentials_do_not_let_a_cookie_in_from_another_site(
    teacher: Scene,  # noqa: F811
    header: str,
    code: str,
) -> None:
    """A browser adds Basic credentials to another site's form by itself, as behind a proxy with a password."""
    assert_refused(write(teacher, {"Authorization": header, "Sec-Fetch-Site": "cross-site"}), code)


@pytest.mark.parametrize("path", ["/lti/proofs", "/sessions/end", "/courses/1/checkins", "/checkins/1/answers"])
def test_no_address_but_the_platforms_doors_takes_a_cross_site_form(shared: Installation, path: str) -> None:
    with http_client() as client, nothing_written(shared):
        headers = FRAME | {"Origin": shared.platform.base_url, "Sec-Fetch-Site": "cross-site"}
        assert_refused(client.post(shared.base_url + path, data={"x": "1"}, headers=headers), "cross_site")


def test_only_an_installation_on_https_asks_for_https_for_ever(shared: Installation) -> None:
    assert "strict-transport-security" not in shared.walker().get("/").headers
    behind_a_proxy = shared.settings.model_copy(update={"base_url": "https://reflect.example"})
    bound = listening()
    with serving(create_app(behind_a_proxy), bound), http_client() as client:
        answer = client.get(f"http://127.0.0.1:{bound.getsockname()[1]}/")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_a_body_that_does_not_say_how_long_it_is_ends_at_the_limit(shared: Installation) -> None:
    chunks = (b"language=" + b"x" * 16_000 for _ in range(12))
    headers = FRAME | {"Origin": shared.base_url, "Content-Type": "application/x-www-form-urlencoded"}
    headers["Sec-Fetch-Site"] = "same-origin"
    with http_client() as client:
        refused = client.post(shared.base_url + "/languages", content=chunks, headers=headers)
    assert_refused(refused, "too_large")


SMUGGLED = {
    "a length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "two lengths": "Content-Length: 5\r\nContent-Length: 60",
    "a length that is none": "Content-Length: +5",
    "a length too long": f"Content-Length: {'9' * 40}",
    "a name with a blank": "Transfer-Encoding : chunked",
    "chunks that are none": "Transfer-Encoding: xchunked",
    "a fold": "X-Folded: a\r\n Transfer-Encoding: chunked",
    "a bare carriage return": "X-Odd: a\rTransfer-Encoding: chunked",
}


@pytest.mark.parametrize("head", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_a_request_that_a_proxy_may_read_otherwise_ends_its_connection(shared: Installation, head: str) -> None:
    host, port = "127.0.0.1", int(shared.base_url.rpartition(":")[2])
    hidden = "0\r\n\r\nGET /privacy HTTP/1.1\r\nHost: localhost\r\n\r\n"
    asked = f"POST /sessions/end HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{hidden}"
    with socket.create_connection((host, port), timeout=20) as plug:
        plug.sendall(asked.encode())
        plug.shutdown(socket.SHUT_WR)
        heard = b"".join(iter(lambda: plug.recv(65536), b""))
    assert heard.count(b"HTTP/1.1 ") <= 1, "the hidden request is answered"
    assert b"HTTP/1.1 200" not in heard


@pytest.mark.parametrize("stays", [True, False])
def test_a_change_is_not_heard_whose_sender_has_gone_before_it_was_read(stays: bool) -> None:
    heard: list[bytes] = []

    async def hear(request: Request) -> Response:
        heard.append(await request.body())
        return Response("thanks")

    app = Starlette(
        routes=[Route("/", hear, methods=["POST"])],
        middleware=[Middleware(Unbroken), Middleware(SmallBodies, refuse=refuse)],
    )
    queue = listening()
    queue.listen()
    with socket.create_connection(queue.getsockname()) as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ncalm")
        if not stays:
            sender.close()
        with serving(app, queue), socket.create_connection(queue.getsockname()) as other:
            other.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhappy")
            assert other.recv(1000).startswith(b"HTTP/1.1 200")
    assert heard == [b"calm", b"happy"][not stays :]
