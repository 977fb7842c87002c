"""Our samples for nginx and Caddy, in the real ones, before a real installation: TLS, limits, and a log without anybody."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reflect.web.protection import LARGEST_BODY
from tests.conftest import fresh_database
from tests.deploy.caddy import caddy
from tests.deploy.nginx import nginx
from tests.deploy.proxy import Kind, Site, site
from tests.domain.privacy.test_log import answer, found, open_anonymous
from tests.servers import free_port
from tests.web.launching import SESSION_COOKIE, assert_refused

EACH = pytest.mark.parametrize("kind", [nginx, caddy], ids=["nginx", "caddy"])


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def proxied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    url = fresh_database("sqlite", tmp_path_factory.mktemp("database"), request)
    with site(url, request.param, tmp_path_factory.mktemp("proxy")) as running:
        yield running


def test_a_launch_and_an_anonymous_answer_go_through_and_leave_no_line(proxied: Site) -> None:
    open_anonymous(proxied.walker())
    student = proxied.walker()
    answer(student, "6", "calm")
    (cookie,) = [cookie for name, cookie in student.cookies.items() if name.startswith(SESSION_COOKIE)]
    assert {"secure", "httponly", "partitioned"} <= cookie.attributes.keys()
    assert cookie.attributes["samesite"].lower() == "none"
    assert proxied.front.logged() == []


def test_private_pages_are_asked_for_anew_and_files_are_kept_by_the_browser(proxied: Site) -> None:
    teacher = proxied.walker()
    home = teacher.follow(teacher.walk("3", "2", "1"))
    path = home.url.path
    before = [asked for asked, _ in proxied.behind.requests].count(path)
    again = teacher.get(str(home.url))
    assert [asked for asked, _ in proxied.behind.requests].count(path) == before + 1
    assert "no-store" in again.headers["cache-control"]
    assert "content-encoding" not in again.headers
    assert again.headers["content-security-policy"] == home.headers["content-security-policy"]
    assert "max-age=31536000" in again.headers["strict-transport-security"]
    sheet = teacher.get(found(r'<link rel="stylesheet" href="([^"]+)"', home.text))
    assert "immutable" in sheet.headers["cache-control"]


def test_only_what_the_proxy_itself_saw_is_told_of_a_visitor(proxied: Site) -> None:
    with proxied.front.client() as client:
        client.get("/privacy", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"})
    path, headers = proxied.behind.requests[-1]
    assert path == "/privacy"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["host"].split(":")[0] == "localhost"


def test_metrics_are_not_for_the_world(proxied: Site) -> None:
    with proxied.front.client() as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/health/ready").status_code == 200


def test_plain_http_leads_to_tls(proxied: Site) -> None:
    with proxied.front.client() as client:
        moved = client.get(f"http://localhost:{proxied.front.plain_port}/c/abcdef?x=1", follow_redirects=False)
    assert moved.status_code in {301, 308}
    assert moved.headers["location"] == f"{proxied.running.base_url}/c/abcdef?x=1"
    assert proxied.front.logged() == []


def test_a_launch_with_many_cookies_goes_through(proxied: Site) -> None:
    student = proxied.walker()
    student.client.headers["X-Ballast"] = "x" * 12_000
    assert student.follow(student.walk("7", "2", "1")).status_code == 200


def test_what_is_too_large_is_refused_by_reflect_in_its_own_words_and_a_flood_before_it_gets_there(
    proxied: Site,
) -> None:
    with proxied.front.client() as client:
        assert_refused(client.post("/lti/launch", content=b"x" * (LARGEST_BODY + 1)), "too_large")
        before = len(proxied.behind.requests)
        flood = client.post("/lti/launch", content=b"x" * 300_000).status_code
    if proxied.front.reads_whole:
        assert (flood, len(proxied.behind.requests)) == (413, before)
    else:
        assert flood in {413, 503}


def test_a_sender_who_takes_for_ever_is_let_go(proxied: Site) -> None:
    address = ("127.0.0.1", proxied.front.port)
    with (
        socket.create_connection(address) as raw,
        proxied.front.context.wrap_socket(raw, server_hostname="localhost") as slow,
    ):
        slow.settimeout(10)
        slow.sendall(b"POST /lti/launch HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        began = time.monotonic()
        try:
            while slow.recv(1000):
                pass
        except ssl.SSLError:
            pass
    assert time.monotonic() - began < 8


@EACH
def test_while_reflect_is_away_visitors_are_told_so_and_no_log_has_a_guests_code(kind: Kind, tmp_path: Path) -> None:
    with kind(tmp_path, free_port()) as front, front.client() as client:
        away = client.get("/c/abcdef?tab=secret")
        assert (away.status_code, away.headers["retry-after"], away.headers["cache-control"]) == (503, "10", "no-store")
        assert away.text.startswith("Reflect will be back in a moment.")
        assert away.headers["reflect-error"] == "unavailable"
        assert front.logged() == []
