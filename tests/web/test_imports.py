"""What was imported, on the pages of those whom it concerns."""

import io
import json
from datetime import UTC, datetime

from sqlmodel import Session, select

from reflect.domain import imports
from reflect.domain.import_files import records
from reflect.domain.import_joins import Mapped
from reflect.domain.imports import Terms
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from tests.domain.test_imports import CLASS, row
from tests.installation import Installation
from tests.web.admin.portal import plain
from tests.web.courses import Lesson, lesson


def history(held: Lesson) -> dict[str, int]:
    """A named and an anonymous check-in of years ago, with their ids by question."""
    rows = [
        row("ann", checkInTitle="Long ago?", submitDateTime="2020-06-01T08:00:00Z"),
        row("ben", checkInTitle="Long ago?", responseEmotion="none", responseFeedback="veryPleasant"),
        row("cem", checkInTitle="Long ago?", responseEmotion="none"),
        *(
            row(None, checkInId="mixed", checkInTitle="Mixed?", responseEmotion=it)
            for it in ("calm", "sad", "happy") * 2
        ),
    ]

    def work(db: Session) -> dict[str, int]:
        course = db.get_one(Course, held.course_id)
        mapped = Mapped({CLASS: course.lti_id}, {"ann": "6"})
        content = io.BytesIO(json.dumps({"value": rows}).encode())
        terms = Terms(course.deployment_id, mapped, 5, 365)
        assert imports.take(db, records(content), terms, datetime.now(UTC)).is_kept
        return {it.question: it.id or 0 for it in db.exec(select(Checkin)).all()}

    return held.installation.database.write_now(work)


def test_staff_see_what_was_imported_and_that_it_was(installation: Installation) -> None:
    held = lesson(installation)
    ids = history(held)
    teacher, tab = held.teacher, held.tab(held.teacher)
    assert "Long ago?" not in plain(teacher.get(held.at(teacher)).text)
    archive = plain(teacher.get(held.at(teacher, "/archivals")).text)
    assert "Long ago?" in archive and "Mixed?" in archive and "imported from another system" in archive
    page = teacher.get(f"/checkins/{ids['Long ago?']}/results?{tab}").text
    words = plain(page)
    assert "3 students have answered" in words and "imported from another system" in words
    for word in ("calm", "very good", "no feeling told"):
        assert word in words
    assert "Open again" not in words and "cannot be opened again" in words
    assert "not answered" not in words, "nobody of today was asked"
    mixed = plain(teacher.get(f"/checkins/{ids['Mixed?']}/results?{tab}").text)
    assert "6 students have answered" in mixed and "happy" in mixed
    for number in ids.values():
        assert teacher.post(f"/checkins/{number}/archivals/end?{tab}", {}).status_code == 303
    home = plain(teacher.get(held.at(teacher)).text)
    assert "3 have answered" in home and "6 have answered" in home and "imported from another system" in home
    refused = teacher.post(f"/checkins/{ids['Long ago?']}/reopenings?{tab}", {})
    assert (refused.status_code, refused.headers["reflect-error"]) == (409, "checkin_imported")


def test_a_student_finds_their_own_among_their_reflections_and_nothing_in_the_lists(installation: Installation) -> None:
    held = lesson(installation)
    ids = history(held)
    assert "Long ago?" not in plain(held.student.get(held.at(held.student)).text)
    own = plain(held.student.get(held.at(held.student, "/reflections")).text)
    assert "Long ago?" in own and "calm" in own and "very good" not in own
    for checkin_id in ids.values():
        refused = held.student.get(f"/checkins/{checkin_id}?{held.tab(held.student)}")
        assert refused.status_code == 404
