"""Guests over HTTP: a public page without account, session or trace, and what staff see of it."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from sqlmodel import select, text

from reflect.domain.guest_codes import new_code
from reflect.storage import guests as storage
from reflect.storage.guests import GuestOpening, SealedGuestAnswer
from reflect.web import outages
from tests.installation import Installation, installed
from tests.storage.wires import COMMIT, Wire, wired
from tests.walker import FRAME
from tests.web.dialogs import STUDENT, STUDENTS, TEACHER, Visit, arrives, stored
from tests.web.launching import assert_refused

ANONYMOUS = {"anonymity": "anonymous", "release": "in_steps", "shared_with_class": "on"}
Teacher = tuple[Visit, int]


def asked(running: Installation, **fields: str) -> Teacher:
    """A teacher with a new check-in, and its number."""
    teacher = arrives(running, TEACHER)
    return teacher, teacher.asks("How was the evening?", **{**ANONYMOUS, **fields})


def opened(teacher: Visit, places: str = "200") -> str:
    """Open it to guests from the share page; the path for them."""
    teacher.goes_to(r"/checkins/\d+/shares")
    page = teacher.sends(r"/checkins/\d+/guest-openings", {"places": places})
    found = re.search(r"/c/[0-9a-z]{8}\b", page.text)
    assert found, page.text
    return found[0]


def guest(running: Installation) -> Visit:
    """Somebody with a browser and nothing else."""
    walker = running.walker()
    return Visit(running, walker, walker.get("/"))


def answers(visit: Visit, path: str, choice: str = "calm") -> httpx2.Response:
    """Open the address and answer."""
    visit.page = visit.walker.get(path)
    assert visit.page.status_code == 200, visit.page.text
    return visit.sends(path, {"choice": choice})


def says(visit: Visit, path: str, **fields: str) -> httpx2.Response:
    """Answer with words."""
    visit.page = visit.walker.get(path)
    return visit.sends(path, fields)


def openings(running: Installation) -> list[GuestOpening]:
    return stored(running, lambda db: list(db.exec(select(GuestOpening)).all()))


def test_a_guest_answers_without_account_and_the_teacher_sees_it_apart(installation: Installation) -> None:
    teacher, checkin_id = asked(installation)
    path = opened(teacher)
    for choice in ("calm", "happy", "tired", "sad", "calm"):
        page = answers(guest(installation), path, choice)
        assert (page.status_code, page.url.path) == (200, f"{path}/thanks")
        assert "Thank you, your answer is in" in page.text
    student = arrives(installation, STUDENT)
    student.goes_to(f"/checkins/{checkin_id}")
    student.sends(f"/checkins/{checkin_id}/answers", {"choice": "calm"})
    teacher.page = teacher.walker.get(f"/checkins/{checkin_id}")
    assert "5 guests have answered" in teacher.page.text
    assert re.search(r'results-number">1<', teacher.page.text)
    assert re.search(r"student has answered\s*<span[^>]*>and 5 guests", teacher.page.text)
    assert "The first results show once 5 students have answered." in teacher.page.text
    assert "The next results show once 5 more guests have answered." in teacher.page.text


def test_only_who_has_answered_is_thanked(installation: Installation) -> None:
    path = opened(asked(installation)[0])
    stranger = guest(installation).walker
    for address in (f"{path}/thanks", f"{path}/thanks?given=made-up"):
        page = stranger.get(address)
        assert (page.status_code, page.headers["location"]) == (303, path)
    visit = guest(installation)
    assert answers(visit, path).url.query == b""
    assert "Thank you" in visit.walker.get(f"{path}/thanks").text


def test_a_browser_that_keeps_no_cookie_is_thanked_and_not_asked_again(installation: Installation) -> None:
    path = opened(asked(installation)[0])
    sent = guest(installation).walker.post(path, {"choice": "calm"})
    # What comes next from a browser without cookies is like what comes from another one.
    thanked = guest(installation).walker.get(sent.headers["location"])
    assert thanked.status_code == 200 and "Thank you, your answer is in" in thanked.text


def test_an_id_stands_once_on_a_page_with_students_and_guests(installation: Installation) -> None:
    teacher, checkin_id = asked(installation, asks_note="yes")
    path = opened(teacher)
    for number, choice in enumerate(("calm", "happy", "tired", "sad", "other_word")):
        student = arrives(installation, STUDENTS[number])
        student.goes_to(f"/checkins/{checkin_id}")
        said = {"choice": choice, "word": "wobbly", "note": f"note {number}"}
        student.sends(f"/checkins/{checkin_id}/answers", said)
        says(guest(installation), path, **said)
    page = teacher.walker.get(f"/checkins/{checkin_id}").text
    assert page.count("wobbly") == 2
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_a_courses_card_counts_guests_apart(installation: Installation) -> None:
    teacher, checkin_id = asked(installation)
    path = opened(teacher)
    assert " guests" not in re.sub(r"\s+", " ", teacher.walker.get("/courses/1").text)
    for _ in range(3):
        answers(guest(installation), path)
    student = arrives(installation, STUDENT)
    student.goes_to(f"/checkins/{checkin_id}")
    student.sends(f"/checkins/{checkin_id}/answers", {"choice": "calm"})
    card = teacher.walker.get("/courses/1").text
    assert re.search(r"<span>1 (has|of \d+ have) answered</span>\s*<span>3 guests</span>", card)
    assert "3 guests" not in arrives(installation, STUDENTS[1]).page.text


def test_a_guest_writes_where_students_may_and_only_staff_read_it(installation: Installation) -> None:
    teacher, checkin_id = asked(installation, asks_note="yes")
    path = opened(teacher)
    page = guest(installation).walker.get(path).text
    assert "The teachers of the course read a note or a word of your own" in page
    assert 'name="note"' in page and 'name="word"' in page
    for choice in ("calm", "happy", "tired", "sad"):
        says(guest(installation), path, choice=choice, note="The hall was cold.")
    assert "The hall was cold." not in teacher.walker.get(f"/checkins/{checkin_id}").text
    # Who wrote a word and chose nothing means that word.
    assert "Thank you" in says(guest(installation), path, word="wobbly").text
    results = teacher.walker.get(f"/checkins/{checkin_id}").text
    of_guests = results[results.index('class="guest-results"') :]
    assert of_guests.count("The hall was cold.") == 1 and of_guests.count("wobbly") == 1
    assert "The hall was cold." not in results[: results.index('class="guest-results"')]
    for noun in ("presentations", "presentations?revealed=yes"):
        wall = teacher.walker.get(f"/checkins/{checkin_id}/{noun}").text
        assert "The hall was cold." not in wall and "wobbly" not in wall
    teacher.walker.follow(teacher.walker.post(f"/checkins/{checkin_id}/closures", {}))
    student = arrives(installation, STUDENT)
    student.goes_to(f"/checkins/{checkin_id}")
    assert "The hall was cold." not in student.page.text and "wobbly" not in student.page.text


def test_where_nothing_can_be_written_nothing_is_said_of_it(installation: Installation) -> None:
    teacher, _ = asked(installation, answer_form="faces")
    page = guest(installation).walker.get(opened(teacher)).text
    assert "of your own" not in page and 'name="note"' not in page and 'name="word"' not in page


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"choice": "other_word"}, "word_missing"),
        ({"choice": "other_word", "word": "w" * 31}, "word_too_long"),
        ({"choice": "calm", "note": "n" * 501}, "note_too_long"),
    ],
)
def test_what_a_guest_typed_comes_back_with_what_is_wrong_with_it(
    installation: Installation, fields: dict[str, str], code: str
) -> None:
    teacher, _ = asked(installation, asks_note="yes")
    page = says(guest(installation), opened(teacher), **fields)
    assert (page.status_code, page.headers["reflect-error"]) == (422, code)
    for typed in (fields.get("word"), fields.get("note")):
        assert not typed or typed in page.text
    assert openings(installation)[0].answered == 0


def test_the_page_says_first_what_is_true_for_guests(installation: Installation) -> None:
    teacher, _ = asked(installation)
    page = guest(installation).walker.get(opened(teacher))
    assert "nobody can find out which answer is yours" in page.text
    assert "all that stops a second one" in page.text
    assert page.text.index("You are a guest here") < page.text.index('name="choice"')
    assert "Wren" not in page.text
    assert "set-cookie" not in page.headers
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_one_browser_answers_once_and_its_cookie_tells_nobody_apart(installation: Installation) -> None:
    path, marks = opened(asked(installation)[0]), set()
    for _ in range(2):
        visit = guest(installation)
        answers(visit, path)
        (name, cookie), *others = visit.walker.cookies.items()
        assert others == []
        assert name == f"__Host-reflect-answered-{path[3:]}"
        assert {"secure", "httponly", "samesite", "path", "max-age"} == set(cookie.attributes)
        marks.add(cookie.value)
        again = visit.walker.get(path)
        assert "This browser has answered" in again.text
        assert "<form class" not in again.text
        visit.walker.follow(visit.walker.post(path, {"choice": "calm"}))
    assert len(marks) == 1
    assert openings(installation)[0].answered == 2


def test_a_mark_of_another_checkin_or_a_forged_one_counts_for_nothing(installation: Installation) -> None:
    first, visit = opened(asked(installation)[0]), guest(installation)
    answers(visit, first)
    second = opened(asked(installation)[0])
    ((_, cookie),) = visit.walker.cookies.items()
    visit.walker.cookies[f"__Host-reflect-answered-{second[3:]}"] = cookie
    assert "You are a guest here" in visit.walker.get(second).text


def test_a_browser_without_cookies_is_thanked_too(installation: Installation) -> None:
    path, visit = opened(asked(installation)[0]), guest(installation)
    sent = visit.walker.post(path, {"choice": "calm"})
    visit.walker.cookies.clear()
    assert "Thank you, your answer is in" in visit.walker.follow(sent).text


def test_without_a_choice_the_question_comes_back(installation: Installation) -> None:
    path, visit = opened(asked(installation)[0]), guest(installation)
    page = answers(visit, path, "")
    assert (page.status_code, page.headers["reflect-error"]) == (422, "choice_missing")
    assert openings(installation)[0].answered == 0


def test_an_answer_from_another_site_is_refused(installation: Installation) -> None:
    path, visit = opened(asked(installation)[0]), guest(installation)
    headers = FRAME | {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    refused = visit.walker.client.post(installation.base_url + path, data={"choice": "calm"}, headers=headers)
    assert refused.headers["reflect-error"] == "cross_site"
    assert "frame-ancestors 'none'" in refused.headers["content-security-policy"]
    assert openings(installation)[0].answered == 0


def refusal(visit: Visit, path: str) -> tuple[str, int]:
    page = visit.walker.get(path)
    return page.headers.get("reflect-error", ""), page.status_code


def test_an_unknown_code_is_missing_however_it_looks(installation: Installation) -> None:
    visit = guest(installation)
    for code in (new_code(), "abc", "%F0%9F%90%A2", "a" * 300):
        assert refusal(visit, f"/c/{code}") == ("guest_code_unknown", 404)


def test_closing_it_to_guests_and_opening_it_again(installation: Installation) -> None:
    teacher, checkin_id = asked(installation)
    path = opened(teacher)
    teacher.sends(r"/checkins/\d+/guest-closures", {})
    assert refusal(guest(installation), path) == ("guests_closed", 410)
    posted = guest(installation).walker.post(path, {"choice": "calm"})
    assert (posted.headers["reflect-error"], posted.status_code) == ("guests_closed", 410)
    assert opened(arrives_at(teacher, checkin_id)) == path
    assert refusal(guest(installation), path) == ("", 200)


def arrives_at(teacher: Visit, checkin_id: int) -> Visit:
    teacher.page = teacher.walker.get(f"/checkins/{checkin_id}")
    return teacher


def test_when_all_places_are_taken_whoever_answered_still_reads_so(installation: Installation) -> None:
    path, visits = opened(asked(installation)[0], "5"), [guest(installation) for _ in range(5)]
    for visit in visits:
        answers(visit, path)
    assert refusal(guest(installation), path) == ("guests_full", 409)
    assert "This browser has answered" in visits[0].walker.get(path).text


@pytest.mark.parametrize("places", ["4", "0", "2001", "many"])
def test_places_that_make_no_sense_bring_the_page_back(installation: Installation, places: str) -> None:
    teacher, _ = asked(installation)
    teacher.goes_to(r"/checkins/\d+/shares")
    page = teacher.sends(r"/checkins/\d+/guest-openings", {"places": places})
    assert page.status_code == 422
    assert "Enter a number from 5 to 2000." in page.text
    assert openings(installation) == []


def test_a_named_checkin_says_why_it_takes_no_guests(installation: Installation) -> None:
    teacher, checkin_id = asked(installation, anonymity="named")
    page = teacher.goes_to(r"/checkins/\d+/shares")
    assert "Only anonymous check-ins take guests" in page.text
    assert "guest-openings" not in page.text
    tab = str(page.url.query, "ascii")
    refused = teacher.walker.post(f"/checkins/{checkin_id}/guest-openings?{tab}", {"places": "200"})
    assert (refused.headers["reflect-error"], refused.status_code) == ("guests_named", 409)


STAFF_ONLY = [
    ("GET", "shares"),
    ("GET", "presentations"),
    ("GET", "responses"),
    ("GET", "changes"),
    ("POST", "guest-openings"),
    ("POST", "guest-closures"),
    ("POST", "responses/1"),
    ("POST", "changes"),
]


@pytest.mark.parametrize(("person", "code"), [(STUDENT, "not_allowed"), ("14", "missing")])
def test_students_and_observers_get_a_coded_refusal_from_every_address_of_staff(
    installation: Installation, person: str, code: str
) -> None:
    _, checkin_id = asked(installation)
    other = arrives(installation, person)
    assert not re.search(r"/checkins/\d+/shares", other.page.text)
    for method, noun in STAFF_ONLY:
        path = f"/checkins/{checkin_id}/{noun}"
        answer = other.walker.get(path) if method == "GET" else other.walker.post(path, {"places": "200"})
        assert_refused(answer, code)
    assert openings(installation) == []


def test_without_a_session_there_is_no_way_to_any_of_them(installation: Installation) -> None:
    _, checkin_id = asked(installation)
    nobody = guest(installation).walker
    for method, noun in STAFF_ONLY:
        path = f"/checkins/{checkin_id}/{noun}"
        answer = nobody.get(path) if method == "GET" else nobody.post(path, {"places": "200"})
        assert (answer.headers["reflect-error"], answer.status_code) == ("session_missing", 401)


def test_an_assistant_may_share(installation: Installation) -> None:
    _, checkin_id = asked(installation)
    assistant = arrives(installation, "5")
    assert assistant.walker.get(f"/checkins/{checkin_id}/shares").status_code == 200


@pytest.mark.parametrize("page", ["", "/thanks"])
def test_guessing_codes_ends_after_a_few(installation: Installation, page: str) -> None:
    path, visit = opened(asked(installation)[0]), guest(installation)
    found = [refusal(visit, f"/c/{new_code()}{page}")]
    while found[-1] == ("guest_code_unknown", 404) and len(found) <= 60:
        found.append(refusal(visit, f"/c/{new_code()}{page}"))
    assert 30 < len(found) < 60 and found[-1] == ("too_many_tries", 429)
    assert refusal(visit, path + page) == ("too_many_tries", 429)
    elsewhere = visit.walker.client.get(installation.base_url + path, headers={"X-Forwarded-For": "203.0.113.9"})
    assert elsewhere.status_code == 200


class Listener(logging.Handler):
    """Keeps every record of the process."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(str(vars(record)))


@pytest.fixture
def listener() -> Iterator[Listener]:
    root, listener = logging.getLogger("reflect"), Listener()
    root.addHandler(listener)
    yield listener
    root.removeHandler(listener)


def test_no_log_line_holds_a_code_an_address_or_an_answer(installation: Installation, listener: Listener) -> None:
    path = opened(asked(installation)[0])
    visit = guest(installation)
    answers(visit, path, "frustrated")
    visit.walker.client.get(f"{installation.base_url}{path}x", headers={"X-Forwarded-For": "203.0.113.9"})
    lines = "\n".join(listener.lines)
    assert "/c/…" in lines
    for secret in (path[3:], "203.0.113", "frustrated"):
        assert secret not in lines


def test_the_share_page_has_a_picture_to_scan_and_no_inline_style(installation: Installation) -> None:
    teacher, _ = asked(installation)
    opened(teacher)
    assert 'class="qr-picture"' in teacher.page.text
    assert "style=" not in teacher.page.text
    assert "data-copy" in teacher.page.text


def test_a_guest_who_had_the_old_question_before_them_is_shown_the_new_one(installation: Installation) -> None:
    teacher, checkin_id = asked(installation)
    path, visitor = opened(teacher), guest(installation)
    visitor.page = visitor.walker.get(path)
    teacher.page = teacher.walker.get(f"/checkins/{checkin_id}/edit?{teacher.page.url.query.decode()}")
    teacher.sends(r"/checkins/\d+", {**ANONYMOUS, "question": "How was the morning?"})
    assert teacher.page.status_code == 200, teacher.page.text
    visitor.sends(path, {"choice": "calm", "revision": "0"})
    assert (visitor.page.status_code, visitor.page.headers["Reflect-Error"]) == (409, "question_changed")
    assert "How was the morning?" in visitor.page.text
    assert openings(installation)[0].answered == 0
    visitor.sends(path, {"choice": "calm", "revision": "1"})
    assert openings(installation)[0].answered == 1


COUNT_NO_MORE = {
    "sqlite": "CREATE TRIGGER no_more BEFORE INSERT ON rate_count BEGIN SELECT RAISE(ABORT, 'no more'); END",
    "postgresql": "ALTER TABLE rate_count ADD CONSTRAINT no_more CHECK (false) NOT VALID",
}
COUNT_AGAIN = {
    "sqlite": "DROP TRIGGER no_more",
    "postgresql": "ALTER TABLE rate_count DROP CONSTRAINT no_more",
}


def test_what_cannot_be_counted_for_the_limits_is_not_kept_and_may_be_sent_again(
    installation: Installation, backend: str
) -> None:
    path, visit = opened(asked(installation)[0]), guest(installation)
    installation.database.write_now(lambda db: db.connection().execute(text(COUNT_NO_MORE[backend])))
    refused = answers(visit, path)
    assert (refused.status_code, refused.headers["reflect-error"]) == (503, "unavailable")
    assert installation.count(SealedGuestAnswer) == [0]
    installation.database.write_now(lambda db: db.connection().execute(text(COUNT_AGAIN[backend])))
    assert "Thank you, your answer is in" in visit.sends(path, {"choice": "calm"}).text
    assert installation.count(SealedGuestAnswer) == [1]


@pytest.fixture
def cut(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Installation, Wire]]:
    """An installation whose wire is cut as soon as a guest's answer is committed."""
    keep = storage.keep_sealed

    def keep_and_cut(*kept: Any) -> None:
        keep(*kept)
        wire.cut_at = COMMIT if not wire.cuts else b""

    monkeypatch.setattr(storage, "keep_sealed", keep_and_cut)
    with wired(database_url) as (through, wire), installed(through) as running:
        yield running, wire


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.parametrize("arrives_there", [True, False], ids=["kept", "not kept"])
def test_whose_answer_was_cut_off_amid_the_commit_is_told_what_became_of_it(
    cut: tuple[Installation, Wire], arrives_there: bool
) -> None:
    running, wire = cut
    path, visit = opened(asked(running)[0]), guest(running)
    visit.page, wire.arrives = visit.walker.get(path), arrives_there
    told = visit.sends(path, {"choice": "calm"})
    assert wire.cuts == 1
    if not arrives_there:
        assert (told.status_code, told.headers["reflect-error"]) == (503, "unavailable")
        assert "Nothing was saved" in told.text and "Send it again" in told.text
        told = visit.sends(path, {"choice": "calm"})
    assert "Thank you, your answer is in" in told.text
    assert running.count(SealedGuestAnswer) == [1]
    assert "This browser has answered" in visit.walker.get(path).text


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_nobody_is_asked_to_send_again_what_may_be_there_already(
    cut: tuple[Installation, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database stays away for longer than a guest waits."""
    running, wire = cut
    path, visit = opened(asked(running)[0]), guest(running)
    visit.page, wire.arrives = visit.walker.get(path), True
    monkeypatch.setattr(outages, "ASKING", 0.1)
    monkeypatch.setattr(outages, "was_committed", lambda *_: None)
    refused = visit.sends(path, {"choice": "calm"})
    assert (wire.cuts, refused.status_code, refused.headers["reflect-error"]) == (1, 503, "guests_unsure")
    assert "Send it again" not in refused.text and "Nothing was saved" not in refused.text
    assert "This browser has answered" in visit.walker.get(path).text
    visit.walker.post(path, {"choice": "calm"})
    assert running.count(SealedGuestAnswer) == [1]
