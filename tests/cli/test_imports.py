"""`reflect import`: files from a shell, told of in full, and nothing kept that was not meant to be."""

import ast
import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from reflect.cli.imports import FAULTS, REASONS
from reflect.domain.audit import newest
from reflect.files import ROOT
from reflect.storage.answers import Answer
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.registrations import Deployment
from tests.classroom import NOW, Classroom, classroom
from tests.cli.running import Shell
from tests.domain.test_imports import CLASS, row, tallies

ROWS = [row("ann"), row("ben", responseEmotion="sad")]


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 3)


def written(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    return str(path)


def page(tmp_path: Path, rows: Sequence[dict[str, Any]] = ROWS, name: str = "history.json") -> str:
    return written(tmp_path / name, json.dumps({"@odata.context": "x", "value": rows}))


def test_a_page_is_imported_and_told_of(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    result = shell.run("import", page(tmp_path))
    assert result.exit_code == 0, result.output
    for line in ("Rows: 2", "2 imported", "New: 1 check-ins, 1 courses, 2 people.", "REFLECT_RETENTION_DAYS", "Done."):
        assert line in result.output
    assert "1 courses, 2 people. Import again with --classes and --people" in result.output
    assert tallies(room.database) == {"calm": 1, "sad": 1}
    [entry] = room.database.read_now(newest)
    assert (entry.action, entry.about) == ("history_imported", "2/2")


def test_csv_and_mappings_come_over_too(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    with (tmp_path / "history.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(ROWS[0]))
        table.writeheader()
        table.writerows(ROWS)
    classes = written(tmp_path / "classes.csv", f"classId,courseId,title\n{CLASS},2,Biology\n")
    people = written(tmp_path / "people.csv", "\ufeffpersonId,sub\nann,0\nben,1\n")
    report = shell.said("import", str(tmp_path / "history.csv"), "--classes", classes, "--people", people)
    assert (report["imported"], report["courses"], report["people"], report["is_kept"]) == (2, 0, 0, True)
    assert {answer.person_id for answer in room.database.read_now(lambda db: db.exec(select(Answer)).all())} == {
        student.person_id for student in room.students[:2]
    }


def test_the_report_as_json_is_whole_and_importing_again_changes_nothing(
    shell: Shell, room: Classroom, tmp_path: Path
) -> None:
    file = page(tmp_path)
    assert shell.said("import", file)["imported"] == 2
    again = shell.said("import", file)
    assert (again["rows"], again["already_there"], again["imported"], again["refused"]) == (2, 2, 0, 0)
    assert again["kept_until"] and again["told"] == [] and again["reasons"] == {}


def test_a_trial_keeps_nothing_and_ends_well(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    result = shell.run("import", page(tmp_path), "--dry-run")
    assert result.exit_code == 0 and "Nothing was kept." in result.output
    assert room.database.read_now(lambda db: db.exec(select(Checkin)).all()) == []
    assert room.database.read_now(newest) == []


def test_refused_rows_stop_all_or_with_partly_only_themselves(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    file = page(tmp_path, [ROWS[0], row("cem", submitDateTime="soon"), {"x": 1}])
    result = shell.run("import", file)
    assert result.exit_code == 1 and "Nothing was kept." in result.output
    assert "submitDateTime is no moment" in result.output and "checkInId is missing" in result.output
    assert tallies(room.database) == {}
    result = shell.run("import", file, "--partly")
    assert result.exit_code == 0 and "2 refused" in result.output and "Done." in result.output
    assert tallies(room.database) == {"calm": 1}


def test_a_broken_file_ends_in_one_line_and_keeps_nothing(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    file = written(tmp_path / "broken.jsonl", "\n".join(json.dumps(one) for one in ROWS) + '\n{"checkInId": ')
    result = shell.run("import", file, "--partly")
    assert result.exit_code == 1
    assert result.output.strip() == "Error: broken.jsonl, line 3, is neither JSON nor CSV there, or not in UTF-8."
    assert tallies(room.database) == {}


def test_a_broken_mapping_ends_in_one_line(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    people = written(tmp_path / "people.csv", "person,sub\nann,0\n")
    result = shell.run("import", page(tmp_path), "--people", people)
    assert result.output.strip() == "Error: people.csv, line 1, lacks the columns personId."


def test_a_mapping_that_contradicts_an_earlier_one_is_refused(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    for context, code in (("2", 0), ("3", 1)):
        classes = written(tmp_path / "classes.csv", f"classId,courseId\n{CLASS},{context}\n")
        result = shell.run("import", page(tmp_path), "--classes", classes)
        assert result.exit_code == code
    assert f"maps the class {CLASS} to another course" in result.output


def test_among_several_registrations_somebody_must_say_which(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    other = classroom(room.database, 2)
    result = shell.run("import", page(tmp_path))
    assert result.exit_code == 1 and "--registration ID" in result.output
    assert shell.run("import", page(tmp_path), "--registration", "99").exit_code == 1
    registrations = room.database.read_now(lambda db: db.exec(select(Deployment.registration_id)).all())
    classes = written(tmp_path / "classes.csv", f"classId,courseId\n{CLASS},2\n")
    for registration_id in registrations:
        done = shell.run("import", page(tmp_path), "--registration", str(registration_id), "--classes", classes)
        assert done.exit_code == 0, done.output
    found = room.database.read_now(lambda db: db.exec(select(Checkin.course_id)).all())
    assert set(found) == {room.course_id, other.course_id}


def test_among_several_deployments_too(shell: Shell, room: Classroom, tmp_path: Path) -> None:
    def work(db: Session) -> int:
        registration_id = db.exec(select(Deployment.registration_id)).one()
        db.add(Deployment(registration_id=registration_id, deployment_id="second", first_seen_at=NOW))
        db.add(Deployment(registration_id=registration_id, deployment_id="x", is_approved=False, first_seen_at=NOW))
        return registration_id

    registration_id = str(room.database.write_now(work))
    refused = shell.run("import", page(tmp_path), "--registration", registration_id)
    assert refused.exit_code == 1 and "--deployment" in refused.output
    done = shell.run("import", page(tmp_path), "--registration", registration_id, "--deployment", "second")
    assert done.exit_code == 0, done.output


def test_every_refusal_of_an_import_has_its_words() -> None:
    raised = set()
    for path in (ROOT / "reflect" / "domain").glob("import*.py"):
        raised |= set(re.findall(r'ImportRefused\(\s*"([a-z_]+)"', path.read_text()))
        assert ast.parse(path.read_text())
    assert raised == set(FAULTS) | set(REASONS)
