"""The life of a check-in over HTTP: every address, for each role, and without any script."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import lifecycle, occurrences
from reflect.storage.checkins import Checkin
from reflect.storage.groups import CourseGroup, learners_in
from reflect.storage.people import Person
from reflect.storage.series import Series
from tests.cli.running import shell_of
from tests.installation import Installation
from tests.web.dialogs import STUDENT, STUDENTS, TEACHER, Visit, arrives, house_of, stored, until
from tests.web.launching import assert_refused
from tests.web.test_rosters import teacher_with_roster

OBSERVER = "14"
KEY = "ab" * 16
REPEAT = {
    "question": "Again?",
    "when": "repeat",
    "opens_on": "2030-01-07T08:00",
    "clock_zone": "Europe/London",
    "frequency": "weekly",
    "weekday-0": "yes",
}


def query(visit: Visit) -> str:
    return str(visit.page.url.query.decode())


def row(running: Installation, number: int) -> Checkin:
    return stored(running, lambda db: db.get_one(Checkin, number))


def course_of(visit: Visit) -> str:
    found = re.search(r"/courses/(\d+)", visit.page.text)
    assert found
    return found[1]


def draft(visit: Visit, **fields: str) -> int:
    """Save a draft without script; its number."""
    visit.goes_to(r"/courses/\d+/checkins/new")
    visit.sends(r"/courses/\d+/checkins", {"question": "Draft?", "do": "save", **fields})
    found = re.search(r"/checkins/(\d+)", str(visit.page.url))
    assert found, visit.page.text
    return int(found[1])


def begun(visit: Visit, **fields: str) -> int:
    """Begin a series without script; its number."""
    visit.goes_to(r"/courses/\d+/checkins/new")
    visit.sends(r"/courses/\d+/checkins", {**REPEAT, **fields})
    assert str(visit.page.url.path).endswith("/series"), visit.page.text
    return stored(visit.running, lambda db: db.exec(select(Series.id).order_by(Series.id.desc())).first()) or 0  # type: ignore[union-attr]


CHANGES = ("duplicates", "reopenings", "archivals", "archivals/end", "deletions", "deletions/end", "autosaves", "")


@pytest.mark.parametrize(("person", "of_open"), [(STUDENT, "not_allowed"), (OBSERVER, "missing")])
def test_no_change_is_for_anybody_but_staff(shared: Installation, person: str, of_open: str) -> None:
    teacher, other = arrives(shared, TEACHER), arrives(shared, person)
    number, prepared, course = teacher.asks("Mine?"), 0, course_of(teacher)
    teacher.goes_to(rf"/courses/{course}")
    prepared = draft(teacher)
    teacher.goes_to(rf"/courses/{course}")
    series = begun(teacher)
    before = row(shared, number).version, row(shared, prepared).version
    for resource in CHANGES:
        path = f"/checkins/{number}/{resource}".rstrip("/")
        refused = other.walker.post(f"{path}?{query(other)}", {"question": "X?"})
        assert_refused(refused, of_open)
        hidden = f"/checkins/{prepared}/{resource}".rstrip("/")
        assert_refused(other.walker.post(f"{hidden}?{query(other)}", {"question": "X?"}), "missing")
    assert_refused(other.walker.get(f"/checkins/{number}/edit?{query(other)}"), of_open)
    assert_refused(other.walker.get(f"/checkins/{prepared}/edit?{query(other)}"), "missing")
    for path in (f"/courses/{course}/archivals", f"/courses/{course}/series",
                 f"/courses/{course}/series/{series}/edit"):  # fmt: skip
        assert_refused(other.walker.get(f"{path}?{query(other)}"), "not_allowed")
    for path in ("", "/pauses", "/pauses/end", "/endings"):
        address = f"/courses/{course}/series/{series}{path}?{query(other)}"
        assert_refused(other.walker.post(address, REPEAT), "not_allowed")
    assert_refused(other.walker.post(f"/courses/{course}/autosaves?{query(other)}", {"question": "X?"}), "not_allowed")
    assert (row(shared, number).version, row(shared, prepared).version) == before


def test_what_is_prepared_archived_or_deleted_does_not_exist_for_students(shared: Installation) -> None:
    teacher, student = arrives(shared, TEACHER), arrives(shared, STUDENT)
    for change in ("", "archivals", "deletions"):
        number = draft(teacher, question=f"Hidden {change}?")
        if change:
            teacher.walker.post(f"/checkins/{number}/{change}?{query(teacher)}", {})
        for path in ("", "/answers/edit", "/results"):
            answer = student.walker.get(f"/checkins/{number}{path}?{query(student)}")
            assert answer.headers["reflect-error"] == "missing"
            assert "Hidden" not in answer.text
        sent = student.walker.post(f"/checkins/{number}/answers?{query(student)}", {"choice": "calm"})
        assert_refused(sent, "missing")
        assert f"Hidden {change}?" not in student.walker.get(str(student.page.url)).text
        teacher = arrives(shared, TEACHER)


def test_nobody_of_another_course_changes_anything(shared: Installation) -> None:
    teacher, stranger = arrives(shared, TEACHER), arrives(shared, "4", "3", "3")
    number = teacher.asks("Ours?")
    for resource in CHANGES:
        path = f"/checkins/{number}/{resource}".rstrip("/")
        assert_refused(stranger.walker.post(f"{path}?{query(stranger)}", {"question": "X?"}), "missing")
    assert_refused(stranger.walker.get(f"/checkins/{number}/edit?{query(stranger)}"), "missing")
    teacher.goes_to(r"/courses/\d+")
    series = begun(teacher)
    own = course_of(stranger)
    for path in ("", "/pauses", "/pauses/end", "/endings"):
        address = f"/courses/{own}/series/{series}{path}?{query(stranger)}"
        assert_refused(stranger.walker.post(address, REPEAT), "missing")
    assert_refused(stranger.walker.get(f"/courses/{own}/series/{series}/edit?{query(stranger)}"), "missing")


def test_a_draft_is_edited_and_opened(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    number = draft(teacher)
    assert "Not open yet" in teacher.page.text
    teacher.goes_to(rf"/checkins/{number}/edit")
    assert 'value="Draft?"' in teacher.page.text
    teacher.sends(rf"/checkins/{number}", {"question": "Better?", "when": "now", "closes_after": "5"})
    assert "Better?" in teacher.page.text
    found = row(shared, number)
    assert found.opened_at is not None and found.closes_at is not None
    assert (found.closes_at - found.opened_at).total_seconds() == 300


def test_a_fault_in_what_is_said_of_time_comes_back_at_its_field(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    teacher.sends(r"/courses/\d+/checkins", {"question": "When?", "when": "later", "opens_on": "", "clock_zone": "UTC"})
    assert (teacher.page.status_code, teacher.page.text.count('id="opens_on-problem"')) == (422, 1)
    assert 'value="When?"' in teacher.page.text


def test_a_form_that_saves_itself_makes_one_check_in(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    course = course_of(teacher)
    for words in ("S?", "Sa?", "Saved?"):
        saved = teacher.walker.post(
            f"/courses/{course}/autosaves?{query(teacher)}", {"question": words, "draft_key": KEY}
        )
        assert "Saved as a draft" in saved.text
    empty = teacher.walker.post(f"/courses/{course}/autosaves?{query(teacher)}", {"question": "", "draft_key": KEY})
    assert "Not saved yet" in empty.text

    def mine(db: Session) -> list[str]:
        return [one.question for one in db.exec(select(Checkin).where(Checkin.draft_key == KEY)).all()]

    assert stored(shared, mine) == ["Saved?"]
    teacher.goes_to(r"/courses/\d+/checkins/new")
    teacher.sends(r"/courses/\d+/checkins", {"question": "Sent?", "draft_key": KEY})
    assert stored(shared, mine) == ["Sent?"]


def test_deleting_is_undone_from_the_courses_page(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    number = teacher.asks("Oops?")
    teacher.sends(rf"/checkins/{number}/deletions", {})
    assert "“Oops?” was deleted" in teacher.page.text
    assert_refused(teacher.walker.get(f"/checkins/{number}?{query(teacher)}"), "missing")
    teacher.sends(rf"/checkins/{number}/deletions/end", {})
    assert teacher.walker.get(f"/checkins/{number}?{query(teacher)}").status_code == 200


def test_archiving_reopening_and_duplicating(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    number = teacher.asks("Round?")
    assert_refused(teacher.walker.post(f"/checkins/{number}/archivals?{query(teacher)}", {}), "archive_open")
    teacher.sends(rf"/checkins/{number}/closures", {})
    teacher.sends(rf"/checkins/{number}/reopenings", {})
    assert row(shared, number).closed_at is None
    teacher.sends(rf"/checkins/{number}/closures", {})
    teacher.sends(rf"/checkins/{number}/archivals", {})
    assert not re.search(rf'class="checkin-link" href="/checkins/{number}\?', teacher.page.text)
    teacher.goes_to(r"/courses/\d+/archivals")
    teacher.goes_to(rf"/checkins/{number}")
    teacher.sends(rf"/checkins/{number}/archivals/end", {})
    teacher.sends(rf"/checkins/{number}/duplicates", {})
    assert "Edit the check-in" in teacher.page.text
    assert 'value="Round?"' in teacher.page.text


def test_an_anonymous_one_says_why_it_cannot_be_opened_again(shared: Installation) -> None:
    teacher = arrives(shared, TEACHER)
    number = teacher.asks("Whisper?", anonymity="anonymous")
    teacher.sends(rf"/checkins/{number}/closures", {})
    assert "cannot be opened again" in teacher.page.text
    assert_refused(teacher.walker.post(f"/checkins/{number}/reopenings?{query(teacher)}", {}), "checkin_released")


def test_one_that_is_answered_is_not_edited(shared: Installation) -> None:
    teacher, student = arrives(shared, TEACHER), arrives(shared, STUDENT)
    number = teacher.asks("Answered?")
    student.walker.post(f"/checkins/{number}/answers?{query(student)}", {"choice": "calm"})
    assert_refused(teacher.walker.get(f"/checkins/{number}/edit?{query(teacher)}"), "checkin_answered")
    sent = teacher.walker.post(f"/checkins/{number}?{query(teacher)}", {"question": "Answered, or <not>?"})
    assert_refused(sent, "checkin_answered")
    assert "Answered, or &lt;not&gt;?" in sent.text.partition("What you had written")[2]


def test_a_series_is_listed_with_five_days_in_words_and_can_be_changed(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    number = begun(teacher)
    for day in (7, 14, 21, 28):
        assert f"Monday, January {day}, 2030" in teacher.page.text
    assert "Monday, February 4, 2030" in teacher.page.text and "February 11" not in teacher.page.text
    assert "Every Monday at 08:00" in teacher.page.text
    teacher.sends(rf"/courses/\d+/series/{number}/pauses", {})
    assert "paused" in teacher.page.text
    teacher.sends(rf"/courses/\d+/series/{number}/pauses/end", {})
    teacher.goes_to(rf"/courses/\d+/series/{number}/edit")
    assert 'value="2030-01-07T08:00"' in teacher.page.text
    teacher.sends(rf"/courses/\d+/series/{number}", {**REPEAT, "frequency": "daily"})
    assert "Every day at 08:00" in teacher.page.text
    ending = teacher.page.text.partition('<details class="second-press">')[2]
    assert "also what was edited by itself. What was asked stays. This cannot be undone." in ending
    assert (
        ending.index("</summary>") < ending.index("/endings") < ending.index("End it now") < ending.index("</details>")
    )
    teacher.sends(rf"/courses/\d+/series/{number}/endings", {})
    assert "Every day" not in teacher.page.text


def test_an_occurrence_opens_and_closes_by_the_way_while_serving(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    begun(teacher, frequency="daily", closes_after="1", closes_unit="days")
    house = house_of(installation)
    assert stored(installation, lambda db: occurrences.to_make(db, house.now())) == []

    def bring_near(db: Session) -> int:
        found = db.exec(select(Series)).one()
        found.starts_on = house.now().date()
        found.at, found.zone, found.since_at = "00:00", "UTC", found.since_at - timedelta(days=1)
        return found.id or 0

    number = installation.database.write_now(bring_near)

    def opened() -> bool:
        return stored(
            installation, lambda db: any(one.opened_at for one in db.exec(select(Checkin).where(Checkin.series_id == number)))
        )  # fmt: skip

    assert until(opened)


def test_tidying_closes_what_is_due(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    number = teacher.asks("Soon?", closes_after="1")
    installation.database.write_now(
        lambda db: setattr(db.get_one(Checkin, number), "closes_at", db.get_one(Checkin, number).opened_at)
    )
    assert shell_of(installation).run("tidy").exit_code == 0
    assert row(installation, number).closed_at is not None


def test_the_form_says_when_more_students_are_asked_than_there_is_time_for(installation: Installation) -> None:
    for student in ("6", "7", "8"):
        arrives(installation, student)
    teacher = arrives(installation, TEACHER)
    teacher.asks("Time?", follow_ups="2")
    assert stored(installation, lambda db: db.exec(select(Person.follow_ups).where(Person.sub == TEACHER)).one()) == 2
    teacher.goes_to(r"/courses/\d+")
    teacher.goes_to(r"/courses/\d+/checkins/new")
    assert re.search(r"This course has \d+ students, and you set aside time for 2 a day", teacher.page.text)


def test_the_hint_counts_the_groups_that_are_ticked_each_person_once(installation: Installation) -> None:
    for student in STUDENTS:
        arrives(installation, student)
    teacher = teacher_with_roster(installation)
    course = course_of(teacher)
    page = teacher.goes_to(r"/courses/\d+/checkins/new").text
    many = dict(zip(re.findall(r'name="(group-\d+)"', page), re.findall(r"(\d+) students", page), strict=True))
    (first, in_first), (second, in_second), *_ = sorted(many.items(), key=lambda item: item[1], reverse=True)

    def hint(**fields: str) -> str:
        form = {"question": "Q?", "draft_key": KEY, "follow_ups": "2", **fields}
        answer = teacher.walker.post(f"/courses/{course}/autosaves?{query(teacher)}", form)
        found = re.search(r'<p id="capacity"[^>]*hx-swap-oob="true">([^<]*)</p>', answer.text)
        assert found, answer.text
        return found[1]

    # On a roster somebody who assists is a learner, too, until they come.
    assert re.match(rf"This course has {len(STUDENTS) + 1} students", hint())
    assert re.match(
        rf"The groups you chose have {in_first} students, and you set aside time for 2", hint(**{first: "yes"})
    )
    assert hint(**{first: "yes"}, follow_ups=in_first) == ""
    members = stored(installation, lambda db: len(learners_in(db, 1, [int(first[6:]), int(second[6:])])))
    assert members < int(in_first) + int(in_second)
    assert f" {members} students" in hint(**{first: "yes", second: "yes"})
    teacher.goes_to(r"/courses/\d+")
    number = draft(teacher, **{first: "yes"}, follow_ups="2")
    # Remembered where a form is sent, so that the next form knows.
    assert stored(installation, lambda db: db.exec(select(Person.follow_ups).where(Person.sub == TEACHER)).one()) == 2
    assert (
        f"The groups you chose have {in_first} students"
        in teacher.walker.get(f"/checkins/{number}/edit?{query(teacher)}").text
    )


def test_two_hundred_groups_are_ticked_and_more_are_refused_without_losing_the_form(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)

    def furnish(db: Session) -> list[str]:
        rows = [CourseGroup(course_id=1, lti_id=f"many {number}") for number in range(201)]
        db.add_all(rows)
        db.flush()
        return [f"group-{row.id}" for row in rows]

    groups = installation.database.write_now(furnish)
    full = {
        **REPEAT,
        "when": "later",
        **{f"label-{number}": "" for number in range(1, 9)},
        "closes_after": "",
        "ends": "never",
    }
    number = draft(teacher, **full, **dict.fromkeys(groups[:200], "yes"))
    assert len(stored(installation, lambda db: lifecycle.group_ids_of(db, db.get_one(Checkin, number)))) == 200
    teacher.page = teacher.walker.get(f"/checkins/{number}/edit?{query(teacher)}")
    page = teacher.sends(rf"/checkins/{number}", {**full, "question": "All?", **dict.fromkeys(groups, "yes")})
    assert page.status_code == 422 and "Choose at most 200 groups" in page.text and 'value="All?"' in page.text
    address = f"/checkins/{number}?{query(teacher)}"
    assert_refused(teacher.walker.post(address, {f"group-{number}": "yes" for number in range(600)}), "form")
