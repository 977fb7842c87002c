"""The log of a whole journey, and of what was refused: codes and numbers, and nobody's name."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reflect.demo.forgeries import FORGERIES
from reflect.demo.forging import claim
from reflect.web.app import create_app
from reflect.web.house import house_of
from reflect.web.logs import JsonLines, PlainLines, told_path
from tests.installation import Installation
from tests.servers import listening, serving
from tests.walker import http_client
from tests.web.launching import Scene, scene

SECRETIVE = {"name": "Quillon Inkfeather", "given_name": "Quillon", "family_name": "Inkfeather"}
SECRETIVE |= {"email": "quillon@inkfeather.example", "username": "quillonink"}


class Lines(logging.Handler):
    """Keeps what the log would write, in both of its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [PlainLines().format(record), JsonLines().format(record)]


@pytest.fixture
def log() -> Iterator[Lines]:
    """Everything that is logged while a test runs."""
    handler, root = Lines(), logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def assert_discreet(log: Lines, launching: Scene) -> None:
    """Nothing in the log tells who it was or lets anybody in."""
    written = "\n".join(log.lines)
    assert written
    asked, form = launching.walker.asked, launching.walker.form
    secrets = [*SECRETIVE.values(), launching.person.sub, launching.course.title, "sesskey", "return_url"]
    secrets += [asked.get("lti_message_hint", "-" * 9), asked.get("state", "-" * 9), asked.get("nonce", "-" * 9)]
    secrets += [part for part in (form.fields.get("id_token", "") if form else "").split(".")[1:] if len(part) > 20]
    secrets += [cookie.value for cookie in launching.walker.cookies.values()]
    assert [secret for secret in secrets if secret in written] == []
    assert "eyJ" not in written


def test_a_journey_leaves_no_trace_of_a_person_in_the_log(shared: Installation, log: Lines) -> None:
    somebody = scene(shared, "Instructor", **SECRETIVE)
    page = somebody.arrive()
    somebody.walker.get(str(page.url))
    somebody.login("GET")
    somebody.walker.cookies.clear()
    somebody.launch()
    somebody.walker.post("/lti/proofs", {"ticket": "x", "secret": "y"})
    assert_discreet(log, somebody)


@pytest.mark.parametrize("row", [row for row in FORGERIES if not row.startswith(("B41", "B47"))])
def test_a_refusal_leaves_no_trace_of_a_person_in_the_log(shared: Installation, log: Lines, row: str) -> None:
    somebody = scene(shared, **SECRETIVE)
    somebody.login()
    somebody.launch(row)
    assert any("refused" in line for line in log.lines)
    assert_discreet(log, somebody)


def test_a_request_is_logged_without_its_query(shared: Installation, log: Lines) -> None:
    shared.walker().get("/lti/login?login_hint=quillonink&iss=x")
    assert any("path=/lti/login" in line for line in log.lines)
    assert "quillonink" not in "\n".join(log.lines)


def test_what_a_sender_says_stays_on_one_line(shared: Installation, log: Lines) -> None:
    somebody = scene(shared)
    somebody.login()
    somebody.launch(claim("deployment_id", "x"))
    somebody.launch(claim("version", "1\n2026-01-01 forged line\u2028another"))
    assert all(line.count("\n") == 0 for line in log.lines)
    assert not any("\u2028" in line for line in log.lines if not line.startswith("{"))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/courses/7", "/courses/7"),
        ("/c/abcdefgh", "/c/…"),
        ("//C/abcdefgh", "/c/…"),
        ("/x\n12:00:00 warning forged\x1b[31m\u2028", "/x�12:00:00 warning forged�[31m�"),
        (f"/{'x' * 60_000}", f"/{'x' * 199}"),
    ],
)
def test_a_path_is_told_in_one_short_line_and_never_with_a_guests_code(path: str, told: str) -> None:
    assert told_path(path) == told


def test_json_lines_are_json(shared: Installation, log: Lines) -> None:
    shared.walker().get("/nowhere")
    lines = [json.loads(line) for line in log.lines if line.startswith("{")]
    assert {"at", "level", "logger", "event"} <= lines[0].keys()


async def fail(request: Request) -> Response:
    """An address of no use: it says something and breaks."""
    logging.getLogger("reflect.test").info("all is well")
    logging.getLogger("reflect.test").warning("something is odd")
    house_of(request).errands.begin(_work())
    await asyncio.sleep(0)
    raise RuntimeError


async def _work() -> None:
    logging.getLogger("reflect.test").info("an errand")


def test_every_line_of_a_request_that_fails_has_the_number_that_is_shown(shared: Installation, log: Lines) -> None:
    app, bound = create_app(shared.settings, [Route("/fails", fail)]), listening()
    with serving(app, bound), http_client() as client:
        address = f"http://localhost:{bound.getsockname()[1]}/fails"
        pages = [client.get(address, headers={"X-Request-ID": "from-a-proxy"}) for _ in range(2)]
    assert "request_number" not in "".join(log.lines)
    lines = [json.loads(line) for line in log.lines if line.startswith("{")]
    told = [line for line in lines if "/static" not in line.get("path", "")]
    for page in pages:
        number = re.findall(r"<code>([0-9a-f]{8})</code>", page.text)[0]
        events = [line["event"] for line in told if line.get("number") == number]
        assert events == ["something is odd", "an errand", "broken", "refused", "request"]
        assert "from-a-proxy" not in f"{page.headers.raw!r} {page.text}"
    assert [line for line in told if line["event"] == "all is well" and "number" in line] == []
    assert "from-a-proxy" not in "".join(log.lines)
