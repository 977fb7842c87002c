"""Files over HTTP: a student's own, and what staff take along of a course."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import openpyxl
import pytest
from sqlmodel import Session, select

from reflect.domain import accesses
from reflect.domain.sessions import Viewer
from reflect.storage.accesses import Access
from reflect.storage.answers import Answer
from tests.installation import Installation
from tests.walker import Walker
from tests.web.courses import Lesson, lesson
from tests.web.dialogs import stored
from tests.web.launching import assert_refused


@pytest.fixture
def held(installation: Installation) -> Lesson:
    return lesson(installation)


def classmates(held: Lesson, count: int) -> list[Walker]:
    """So many more students of the course, in browsers of their own."""
    walkers = [held.installation.walker() for _ in range(count)]
    for number, walker in enumerate(walkers, 7):
        held.arrive(walker, str(number))
    return walkers


def taken(held: Lesson, rest: str, checkin_id: int | None = None, walker: Walker | None = None) -> httpx2.Response:
    """A file of the course or of a check-in."""
    walker = walker or held.teacher
    if checkin_id is None:
        return walker.get(held.at(walker, f"/exports/{rest}"))
    return walker.get(f"/checkins/{checkin_id}/exports/{rest}?{held.tab(walker)}")


def table(file: httpx2.Response) -> list[dict[str, str]]:
    """A CSV file's rows by the names of its columns."""
    assert file.status_code == 200
    return list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"), newline="")))


def book(file: httpx2.Response) -> dict[str, list[dict[Any, Any]]]:
    """A workbook's sheets with their rows by the names of their columns."""
    assert file.status_code == 200
    found = {}
    for page in openpyxl.load_workbook(io.BytesIO(file.content)):
        head, *rows = page.iter_rows(values_only=True)
        found[page.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def counted(rows: list[dict[Any, Any]]) -> dict[Any, int]:
    """What was counted, by its words."""
    return {row["Text"] or row["What"]: int(row["Count"]) for row in rows if row["Count"]}


@pytest.mark.parametrize("first", list("=+-@"))
def test_no_cell_of_the_table_is_a_formula(held: Lesson, first: str) -> None:
    held.answer(held.ask(f"{first}HYPERLINK(1)"), "curious")
    file = held.student.get(held.at(held.student, "/exports/my-reflections.csv"))
    assert file.headers["content-disposition"] == 'attachment; filename="my-reflections.csv"'
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    head, row = csv.reader(io.StringIO(file.text.removeprefix("\ufeff")))
    cells = dict(zip(head, row, strict=True))
    assert cells["question"] == f"'{first}HYPERLINK(1)"
    assert (cells["answer"], cells["word"]) == ("curious", "curious")


def test_the_json_holds_answers_readers_and_the_number_of_anonymous_ones(held: Lesson) -> None:
    held.answer(held.ask("How was it?"), "curious")
    held.answer(held.ask("Between us?", anonymity="anonymous"), "sad")
    file = held.student.get(held.at(held.student, "/exports/my-reflections.json"))
    found = json.loads(file.text)
    assert [one["answer"] for one in found["answers"]] == ["curious"]
    assert found["anonymous_checkins_answered"] == 1
    assert "sad" not in file.text


def test_another_kind_of_file_is_missing(held: Lesson) -> None:
    assert_refused(held.student.get(held.at(held.student, "/exports/my-reflections.xml")), "missing")


def test_a_students_own_table_holds_what_they_wrote(held: Lesson) -> None:
    checkin_id = held.ask("How was it?", asks_note="on")
    address = f"/checkins/{checkin_id}/answers?{held.tab(held.student)}"
    held.student.post(address, {"choice": "curious", "note": "About the boats."})
    (row,) = table(held.student.get(held.at(held.student, "/exports/my-reflections.csv")))
    assert (row["answer"], row["note"]) == ("curious", "About the boats.")


def test_staff_take_named_answers_along_with_who_is_still_awaited(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    held.answer(checkin_id, "curious")
    (other,) = classmates(held, 1)
    rows = table(taken(held, "results.csv", checkin_id))
    assert rows[0]["Answer"] == "curious"
    assert rows[0]["Answered (UTC)"]
    # The roster may have come by now, and with it more who are awaited.
    assert {(row["Answer"], row["Answered (UTC)"]) for row in rows[1:]} == {("", "")}
    assert {row["Question"] for row in rows} == {"How was it?"}
    held.answer(checkin_id, "tired", other)
    later = table(taken(held, "results.csv", checkin_id))
    assert [row["Student"] for row in later].count(rows[0]["Student"]) == 1
    assert sorted(row["Answer"] for row in later if row["Answer"]) == ["curious", "tired"]


def test_the_workbook_holds_the_same_as_the_tables_in_typed_cells(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    held.answer(checkin_id, "curious")
    sheets = book(taken(held, "results.xlsx", checkin_id))
    assert list(sheets) == ["Answers", "Totals"]
    # The roster, which comes by itself, brings those who have not answered.
    (answer,) = (row for row in sheets["Answers"] if row["Answered (UTC)"])
    (total,) = sheets["Totals"]
    assert answer["Check-in"] == checkin_id
    assert answer["Answered (UTC)"].year >= 2026
    assert (total["Text"], total["Count"], total["Names"]) == ("curious", 1, "Named")


def test_a_file_of_an_anonymous_checkin_is_its_released_state_and_nothing_else(held: Lesson) -> None:
    checkin_id = held.ask("Between us?", anonymity="anonymous", release="in_steps")
    everyone = [held.student, *classmates(held, 5)]
    for walker in everyone[:4]:
        held.answer(checkin_id, "sad", walker)
    for kind in ("csv", "xlsx"):
        waiting = taken(held, f"results.{kind}", checkin_id)
        rows = table(waiting) if kind == "csv" else book(waiting)["Totals"]
        assert counted(rows) == {"Not shown yet": 4}
    for walker, feeling in zip(everyone[4:], ("calm", "sad"), strict=True):
        held.answer(checkin_id, feeling, walker)
    sheets = book(taken(held, "results.xlsx", checkin_id))
    assert list(sheets) == ["Totals"]
    assert counted(sheets["Totals"]) == {"sad": 3, "Not shown yet": 1, "Not shown": 2}
    assert not {"Student", "Answered (UTC)"} & set(sheets["Totals"][0])


def test_the_course_is_one_workbook_and_leaves_deleted_checkins_out(held: Lesson) -> None:
    named, secret, gone = held.ask("How was it?"), held.ask("Between us?", anonymity="anonymous"), held.ask("Gone?")
    for checkin_id in (named, secret, gone):
        held.answer(checkin_id, "curious")
    tab = held.tab(held.teacher)
    assert held.teacher.post(f"/checkins/{gone}/deletions?{tab}", {}).status_code == 303
    assert held.teacher.post(f"/checkins/{named}/archivals?{tab}", {}).status_code in (303, 409)
    sheets = book(taken(held, "answers.xlsx"))
    assert {row["Question"] for row in sheets["Answers"]} == {"How was it?"}
    assert {row["Question"] for row in sheets["Totals"]} == {"How was it?", "Between us?"}
    assert {row["Question"] for row in table(taken(held, "totals.csv"))} == {"How was it?", "Between us?"}
    assert {row["Question"] for row in table(taken(held, "answers.csv"))} == {"How was it?"}


@pytest.mark.parametrize("rest", ["answers.xlsx", "answers.csv"])
def test_taking_names_along_is_told_to_the_students(held: Lesson, rest: str) -> None:
    for question in ("How was it?", "And now?"):
        held.answer(held.ask(question), "curious")
    held.answer(held.ask("Between us?", anonymity="anonymous"), "sad")
    taken(held, rest)
    assert held.installation.count(Access) == [2]


def test_totals_of_fewer_than_k_named_answers_are_told_to_the_students_too(held: Lesson) -> None:
    few, enough = held.ask("How was it?"), held.ask("And now?")
    held.answer(held.ask("Between us?", anonymity="anonymous"), "sad")
    for walker in (held.student, *classmates(held, 4)):
        held.answer(enough, "curious", walker)
    held.ask("Nobody?")
    taken(held, "totals.csv")
    assert held.installation.count(Access) == [0]
    held.answer(few, "sad")
    assert counted([row for row in table(taken(held, "totals.csv")) if row["Check-in"] == str(few)]) == {"sad": 1}
    (noted,) = stored(held.installation, lambda db: db.exec(select(Access)).all())
    assert noted.checkin_id == few
    told = held.student.get(held.at(held.student, "/reflections")).text
    assert "Wren Storybook" in told


def test_totals_from_which_those_of_a_day_can_be_taken_are_told_too(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    for walker in (held.student, *classmates(held, 5)):
        held.answer(checkin_id, "curious", walker)

    def move_one(db: Session) -> None:
        one = db.exec(select(Answer)).first()
        assert one is not None
        one.answered_at -= timedelta(days=1)

    held.installation.database.write_now(move_one)
    taken(held, "totals.csv")
    assert held.installation.count(Access) == [1]


@pytest.mark.parametrize("rest", ["answers.csv", "totals.csv"])
def test_all_that_is_told_of_a_file_is_written_in_one_go(
    held: Lesson, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        held.answer(held.ask(f"{number}?"), "curious")
    writes, note = [], accesses.note_checkins

    def noting(db: Session, viewer: Viewer, checkin_ids: Iterable[int], now: datetime) -> None:
        writes.append(tuple(checkin_ids))
        note(db, viewer, writes[-1], now)

    monkeypatch.setattr(accesses, "note_checkins", noting)
    taken(held, rest)
    assert held.installation.count(Access) == [4]
    assert [len(ids) for ids in writes] == [4]


def test_the_file_of_one_checkin_is_told_too(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    held.answer(checkin_id, "curious")
    taken(held, "results.csv", checkin_id)
    assert held.installation.count(Access) == [1]


@pytest.mark.parametrize("rest", ["answers.csv", "answers.xlsx", "totals.csv"])
def test_students_take_nothing_of_the_course_along(held: Lesson, rest: str) -> None:
    held.answer(held.ask("How was it?"), "curious")
    assert_refused(taken(held, rest, walker=held.student), "not_allowed")


def test_students_take_nothing_of_a_checkin_along(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    assert_refused(taken(held, "results.csv", checkin_id, held.student), "not_allowed")


@pytest.mark.parametrize("rest", ["answers.pdf", "totals.json", "answers."])
def test_another_kind_of_file_of_a_course_is_missing(held: Lesson, rest: str) -> None:
    assert taken(held, rest).status_code == 404


def test_what_a_student_wrote_is_no_formula_in_staffs_files(held: Lesson) -> None:
    checkin_id = held.ask("How was it?", asks_note="on")
    address = f"/checkins/{checkin_id}/answers?{held.tab(held.student)}"
    held.student.post(address, {"choice": "curious", "note": "=1+1"})
    assert table(taken(held, "results.csv", checkin_id))[0]["Note"] == "'=1+1"
    assert book(taken(held, "results.xlsx", checkin_id))["Answers"][0]["Note"] == "=1+1"


def test_staff_find_the_files_on_their_pages(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    results = held.teacher.get(f"/checkins/{checkin_id}/results?{held.tab(held.teacher)}").text
    assert f"/checkins/{checkin_id}/exports/results.xlsx" in results
    home = held.teacher.get(held.at(held.teacher)).text
    for rest in ("answers.xlsx", "answers.csv", "totals.csv"):
        assert f"/exports/{rest}" in home
    assert "/exports/answers" not in held.student.get(held.at(held.student)).text
