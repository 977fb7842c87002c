"""What the log tells whoever holds it beside the database: that requests came, and nothing that joins them."""

import logging
import re
from collections.abc import Iterator

import pytest

from reflect.web.logs import JsonLines
from tests.installation import Installation
from tests.walker import Walker

STUDENTS = {"6": "frustrated", "7": "confused", "8": "motivated"}
KNOWN_FACTS = {"method", "path", "status", "ms"}


class Listener(logging.Handler):
    """Keeps every record of the process."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.records.append(record)


@pytest.fixture
def listener() -> Iterator[Listener]:
    root, listener = logging.getLogger(), Listener()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.setLevel(level)
    root.removeHandler(listener)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, pattern
    return match[1]


def open_anonymous(teacher: Walker) -> None:
    home = teacher.follow(teacher.walk("3", "2", "1"))
    form = teacher.get(found(r'href="(/courses/\d+/checkins/new[^"]*)"', home.text))
    action = found(r'<form[^>]*action="(/courses/\d+/checkins[^"]*)"', form.text)
    fields = {"question": "How was it?", "answer_form": "words_core", "anonymity": "anonymous", "release": "in_steps"}
    assert teacher.post(action, fields).status_code == 303


def answer(student: Walker, person: str, emotion: str) -> None:
    student.client.headers["X-Request-ID"] = f"proxied-{person}"
    home = student.follow(student.walk(person, "2", "1"))
    question = student.get(found(r'href="(/checkins/\d+[^"]*)"', home.text))
    action = found(r'<form[^>]*action="(/checkins/\d+/answers[^"]*)"', question.text)
    assert student.follow(student.post(action, {"choice": emotion})).status_code == 200


def test_no_log_line_joins_a_person_and_an_answer(installation: Installation, listener: Listener) -> None:
    open_anonymous(installation.walker())
    students = {person: installation.walker() for person in STUDENTS}
    for person, walker in students.items():
        answer(walker, person, STUDENTS[person])
    ours = [record for record in listener.records if record.name.startswith("reflect")]
    lines = "\n".join(JsonLines().format(record) for record in ours)
    assert lines.count("/answers") == len(STUDENTS)
    # A proxy may know whose address a number of its own belongs to; and what went well is given no number of ours.
    assert "proxied-" not in lines
    assert not [line for line in lines.splitlines() if "/answers" in line and "number" in line]
    for person, walker in students.items():
        assert STUDENTS[person] not in lines
        assert installation.platform.school.person(person).name.split()[0] not in lines
        for cookie in walker.cookies.values():
            assert cookie.value not in lines
    for record in ours:
        if record.name == "reflect.access":
            assert not set(vars(record)) - set(vars(logging.makeLogRecord({}))) - KNOWN_FACTS - {"message", "taskName"}
            assert "?" not in str(vars(record)["path"])
    everything = "\n".join(record.getMessage() for record in listener.records if record.name != "httpx2")
    assert not [emotion for emotion in STUDENTS.values() if emotion in everything]
