"""What one installation exports another imports, and both count the same."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from reflect.domain.graph import told
from reflect.storage.answers import Tally
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from tests.classroom import NOW, classroom
from tests.cli.running import Shell
from tests.conftest import fresh_database
from tests.domain.test_imports import everything
from tests.installation import SECRET, Installation
from tests.web.api.warehouse import warehouse

FORMS = {
    "words_full": ("worthless", "calm", "skip"),
    "faces": ("face_1", "face_5", "face_2"),
    "grid": ("grid_1_1", "grid_5_3", "grid_3_3"),
    "energy": ("energy_1", "energy_5", "skip"),
}


def counted(database: Database) -> Counter[tuple[bool, str, str, str]]:
    """How often what was answered, in Graph's words, question by question."""
    checkins = {it.id: it for it in everything(database, Checkin)}
    found: Counter[tuple[bool, str, str, str]] = Counter()
    for one in everything(database, Tally):
        checkin = checkins[one.checkin_id]
        found[checkin.is_anonymous, checkin.question, *told(checkin.form, one.choice)] += one.count
    return +found


@pytest.fixture
def elsewhere(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Shell, Database]]:
    """An installation that has one course with nobody in it, and a shell there."""
    url = fresh_database(backend, tmp_path_factory.mktemp("elsewhere"), request)
    database = Database(url)
    classroom(database, 0)
    yield Shell({"REFLECT_DATABASE_URL": url, "REFLECT_SECRET_KEY": SECRET[::-1]}), database
    database.close()


@pytest.mark.parametrize("how", ["pages", "list", "lines"])
def test_what_is_exported_can_be_imported(
    installation: Installation, elsewhere: tuple[Shell, Database], tmp_path: Path, how: str
) -> None:
    found, room = warehouse(installation, "named", "anonymous"), classroom(installation.database, 11)
    for form, choices in FORMS.items():
        for anonymity, release in (("named", "at_close"), ("anonymous", "in_steps"), ("anonymous", "at_close")):
            question = f"{form}, {anonymity}, {release}?"
            checkin_id = room.open(anonymity, release, k=5, question=question, answer_form=form)
            for number, student in enumerate(room.students):
                room.answer(student, checkin_id, choices[number % 2 if release == "in_steps" else number % 3], NOW)
            room.close(checkin_id)
    rows = found.all(top="7")
    content = {
        "pages": "\n".join(json.dumps({"value": rows[at : at + 20]}) for at in range(0, len(rows), 20)),
        "list": json.dumps(rows),
        "lines": "\n".join(map(json.dumps, rows)),
    }
    file = tmp_path / "export.json"
    file.write_text(content[how])
    shell, database = elsewhere
    report = shell.said("import", str(file))
    assert report["imported"] == report["rows"] == len(rows) > 100
    before = counted(installation.database)
    assert counted(database) == before
    assert {is_anonymous for is_anonymous, *_ in before} == {True, False}
    assert shell.said("import", str(file))["already_there"] == len(rows)
    assert counted(database) == before
