"""The log of a whole journey, and of what was refused: codes and numbers, and nobody's name."""

import json
import logging
from collections.abc import Iterator

import pytest

from reflect.demo.forgeries import FORGERIES
from reflect.demo.forging import claim
from reflect.web.logs import JsonLines, PlainLines, told_path
from tests.installation import Installation
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
