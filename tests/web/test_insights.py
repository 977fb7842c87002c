"""Insights over HTTP: what staff of a course see of it over time, and that nothing unreleased is in any of it."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlmodel import Session, select

from reflect.domain.privacy.sealing import Content
from reflect.storage import answers
from reflect.storage.accesses import Access
from reflect.storage.people import Person
from reflect.storage.services import CourseService
from tests.classroom import SEALER, Classroom, enrolled, viewer_of
from tests.installation import Installation
from tests.web.courses import Lesson, lesson
from tests.web.dialogs import stored, until
from tests.web.launching import assert_refused

K = 5
NOTED = "Students see on “My reflections” that you looked, and in which hour."
LEFT_OUT = "Answers with a name are left out here where a check-in has too few of them on a day."


@pytest.fixture
def held(installation: Installation) -> Lesson:
    return lesson(installation)


def has_roster(db: Session) -> bool:
    """Whether it came by itself; it will not come again for a while."""
    return any(service.roster_fetched_at for service in db.exec(select(CourseService)).all())


def room_of(held: Lesson, size: int = 10) -> Classroom:
    """The course with so many more students than its roster has, to fill it without launching each."""
    until(lambda: stored(held.installation, has_roster))

    def work(db: Session) -> Classroom:
        teacher = db.exec(select(Person).where(Person.sub == "3")).one()
        assert teacher.id is not None
        students = [
            enrolled(db, teacher.deployment_id, held.course_id, f"more-{number}", "learner") for number in range(size)
        ]
        mine = viewer_of(teacher.id, held.course_id, "teacher", "3")
        return Classroom(held.installation.database, held.course_id, mine, tuple(students), SEALER)

    return held.installation.database.write_now(work)


def answered(
    room: Classroom, choices: Sequence[str], days_ago: float = 0, is_closed: bool = True, **fields: str
) -> int:
    """A check-in of that day, answered by the first students."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    checkin_id = room.open(fields.pop("anonymity", "named"), k=K, now=at, shared_with_class=False, **fields)
    for student, choice in zip(room.students, choices, strict=False):
        room.answer(student, checkin_id, choice, at)
    if is_closed:
        room.close(checkin_id, at)
    return checkin_id


def page(held: Lesson, **asked: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    found = held.teacher.get(held.at(held.teacher, "/insights") + more)
    assert found.status_code == 200, found.text
    return found.text


def cells(text: str) -> list[list[str]]:
    """The rows of the table over time."""
    table = re.search(r'<table class="listed counted">.*?</table>', text, re.S)
    assert table
    rows = re.findall(r"<tr>(.*?)</tr>", table[0], re.S)[1:]
    return [[re.sub(r"\s+", " ", re.sub("<.*?>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in rows]  # fmt: skip


def noted(held: Lesson) -> set[int]:
    """The check-ins whose named answers somebody is known to have opened."""
    return set(stored(held.installation, lambda db: db.exec(select(Access.checkin_id)).all()))


def test_a_teacher_sees_the_class_over_time(held: Lesson) -> None:
    room = room_of(held)
    for weeks in (3, 2, 1):
        answered(room, ["happy"] * 6 + ["calm"] * 2 + ["sad", "skip"], 7 * weeks, question="How was the week?")
    answered(room, ["sad"] * 9 + ["happy"], question="How was the week?")
    text = page(held)
    assert "Less pleasant than usual" in text
    assert "Answers that named a feeling: 10; in the eight weeks before: 27." in text
    rows = cells(text)
    assert [row[1:] for row in rows] == [["8", "0", "1", "1", "10 of 19"]] * 3 + [["1", "0", "9", "0", "10 of 19"]]
    assert text.count('<circle class="chart-point"') == 4
    assert len(re.findall(r'role="img" aria-labelledby="(\w+-title)"', text)) == 3
    assert "style=" not in text
    assert "Person more-" not in text
    assert held.installation.count(Access) == [0]


def test_the_form_asks_for_another_time_without_a_script(held: Lesson) -> None:
    room = room_of(held)
    first = answered(room, ["happy"] * 5, 80, question="A?")
    answered(room, ["sad"] * 5, 2, question="B?")
    tab = held.tab(held.teacher).removeprefix("tab=")
    assert f'<input type="hidden" name="tab" value="{tab}">' in page(held)
    assert len(cells(page(held))) == 2
    assert [row[3] for row in cells(page(held, weeks="4", by="day"))] == ["5"]
    only = page(held, about=f"question-{first}")
    assert [row[1:4] for row in cells(only)] == [["5", "0", "0"]]
    assert f'<option value="question-{first}" selected>A?</option>' in only


def test_a_year_has_a_calendar_of_a_year(held: Lesson) -> None:
    answered(room_of(held), ["happy"] * 5, 40)
    text = page(held, weeks="52", by="month")
    assert 12 <= text.count('<table class="year-month">') <= 13
    assert len(re.findall(r": pleasant, 5 answers</span>", text)) == 1


def test_few_answers_are_said_to_be_few(held: Lesson) -> None:
    answered(room_of(held), ["sad"] * 4)
    text = page(held)
    assert "Too few answers to tell" in text
    assert re.search(r": too few to tell, 4 answers</span>", text)
    assert '<circle class="chart-lone"' in text
    assert 'class="chart-point"' not in text


@pytest.mark.parametrize("asked", [{"by": "day"}, {"by": "week"}, {"by": "month", "weeks": "52"}])
def test_a_view_of_fewer_than_k_named_answers_counts_as_a_look_at_them(held: Lesson, asked: dict[str, str]) -> None:
    room = room_of(held)
    answered(room, ["happy"] * 5, 60)
    answered(room, ["angry"] * 8, 60, anonymity="anonymous")
    assert NOTED not in page(held, **asked)
    assert noted(held) == set()
    few, other = answered(room, ["sad"]), answered(room, ["energy_2"], answer_form="energy")
    assert cells(page(held, **asked))[-1][1:4] == ["0", "0", "1"]
    assert noted(held) == {few, other}
    assert NOTED in page(held, **asked)


def test_the_home_tells_of_fewer_than_k_named_answers_only_that_they_came(held: Lesson) -> None:
    room = room_of(held)
    checkin_id = answered(room, ["sad"] * 4, is_closed=False)
    few = held.teacher.get(held.at(held.teacher)).text
    assert re.search(r"4 of \d+ answers came in", few)
    assert "sad:" not in few and "glance-bands" not in few and "glance-map-title" not in few
    assert not re.search(r"<td>\d", few)
    assert LEFT_OUT in few
    room.answer(room.students[4], checkin_id, "sad", datetime.now(UTC))
    enough = held.teacher.get(held.at(held.teacher)).text
    assert LEFT_OUT not in enough
    assert "sad: 5" in enough and "<td>5</td>" in enough and "glance-bands" in enough and "glance-map-title" in enough
    assert noted(held) == set()


def test_a_zone_that_is_none_is_told_at_its_field(held: Lesson) -> None:
    answered(room_of(held), ["sad"] * 5)
    found = held.teacher.get(held.at(held.teacher, "/insights") + "&clock_zone=Atlantis&weeks=52")
    assert found.status_code == 422
    assert "Write the name of a time zone, such as Europe/London." in found.text
    assert 'value="Atlantis"' in found.text
    assert '<option value="52" selected>' in found.text


def test_an_empty_course_says_so(held: Lesson) -> None:
    assert "Nothing to show here yet" in page(held)


def test_students_and_strangers_are_refused(held: Lesson) -> None:
    assert_refused(held.student.get(held.at(held.student, "/insights")), "not_allowed")
    assert_refused(held.teacher.get(f"/courses/999/insights?{held.tab(held.teacher)}"), "missing")
    stranger = held.installation.walker().get(f"/courses/{held.course_id}/insights")
    assert (stranger.status_code, stranger.headers["reflect-error"]) == (401, "session_missing")


def test_a_group_too_small_is_refused_and_one_of_another_course_is_missing(held: Lesson) -> None:
    room = room_of(held)
    few = room.group("few", *room.students[:4])
    room.group("enough", *room.students[:5])
    assert ">Group enough</option>" in page(held)
    assert ">Group few</option>" not in page(held)
    address = held.at(held.teacher, "/insights")
    assert_refused(held.teacher.get(f"{address}&group={few}"), "group_too_few")
    assert_refused(held.teacher.get(f"{address}&group=999"), "missing")


def test_a_groups_page_says_what_it_leaves_out(held: Lesson) -> None:
    room = room_of(held)
    group = room.group("foxes", *room.students[:5])
    answered(room, ["happy"] * 5 + ["sad"] * 5)
    answered(room, ["angry"] * 5 + ["calm"] * 5, anonymity="anonymous")
    text = page(held, group=str(group))
    assert [row[1:4] for row in cells(text)] == [["5", "0", "0"]]
    assert "1 anonymous check-in is left out: its answers cannot be told by group." in text


def every_page(held: Lesson, checkin_ids: Sequence[int], group: int) -> Iterator[tuple[str, str]]:
    """All that shows something of a course's answers to its staff, by address."""
    home = held.at(held.teacher)
    addresses = [home, *(f"/checkins/{number}?{held.tab(held.teacher)}" for number in checkin_ids)]
    for weeks, by, about, some in product(
        ("4", "52"), ("day", "week"), ("", *(f"question-{number}" for number in checkin_ids)), ("", str(group))
    ):
        wanted = f"&weeks={weeks}&by={by}&about={about}&group={some}"
        addresses.append(held.at(held.teacher, "/insights") + wanted)
    for address in addresses:
        found = held.teacher.get(address)
        # Of a thread that a group's view leaves out there is no page.
        assert found.status_code == 200 or (found.status_code == 404 and some), address
        yield address, re.sub(r"<code>[0-9a-f]{8}</code>", "", found.text)


def test_two_worlds_that_differ_only_in_what_is_not_released_look_the_same(held: Lesson) -> None:
    """Four seals wait in a check-in, and a fifth was in one that was released before: only what they say differs."""
    room = room_of(held)
    group = room.group("foxes", *room.students[:5])
    waiting = answered(room, ["sad"] * 4, is_closed=False, anonymity="anonymous", question="A?")
    stepwise = answered(room, ["calm"] * 3 + ["sad"] * 4, 1, False, anonymity="anonymous", release="in_steps", question="B?")  # fmt: skip
    answered(room, ["happy"] * 8, 2, question="C?")
    asked = (waiting, stepwise)
    before = dict(every_page(held, asked, group))

    def turn(choice: str) -> None:
        def work(db: Session) -> None:
            for checkin_id in asked:
                seals = answers.sealed(db, checkin_id)
                answers.destroy_sealed(db, checkin_id)
                for number in range(len(seals)):
                    seal = SEALER.seal(checkin_id, Content(choice, "", ""))
                    answers.keep_sealed(db, checkin_id, bytes([number] * 16), seal)

        held.installation.database.write_now(work)

    for choice in ("happy", "angry", "skip"):
        turn(choice)
        assert dict(every_page(held, asked, group)) == before
    turn("happy")
    room.answer(room.students[4], waiting, "happy")
    room.close(waiting, datetime.now(UTC))
    after = dict(every_page(held, asked, group))
    assert [address for address in before if "/insights" not in address and before[address] == after[address]] == [
        f"/checkins/{stepwise}?{held.tab(held.teacher)}"
    ]
    assert page(held) not in before.values()
