"""Opening a check-in that was only prepared: by staff, once, and then students have it."""

from datetime import UTC, datetime

from reflect.storage.checkins import Checkin, set_opening
from tests.cli.running import shell_of
from tests.installation import Installation
from tests.web.dialogs import STUDENT, TEACHER, Visit, arrives, opens_dialog, stored, until
from tests.web.launching import assert_refused
from tests.web.test_copies import checkins_of, copied, into, linked, says


def prepared(running: Installation) -> tuple[Visit, Visit, int]:
    """A teacher and a student in a copied course, and the number of a check-in that was brought over."""
    linked(running)
    copy = copied(running)
    teacher = says(into(running, TEACHER, copy), "yes")
    number = checkins_of(running)[-1].id
    assert number is not None
    return teacher, into(running, STUDENT, copy), number


def test_what_is_prepared_does_not_exist_for_students(installation: Installation) -> None:
    _, student, checkin = prepared(installation)
    query = student.page.url.query.decode()
    assert "How was the bridge?" not in student.page.text
    assert_refused(student.walker.get(f"/checkins/{checkin}?{query}"), "missing")
    assert_refused(student.walker.post(f"/checkins/{checkin}/answers?{query}", {"choice": "calm"}), "missing")
    assert_refused(student.walker.post(f"/checkins/{checkin}/openings?{query}", {}), "missing")


def test_a_teacher_opens_it_and_students_have_it(installation: Installation) -> None:
    teacher, student, checkin = prepared(installation)
    teacher.goes_to(f"/checkins/{checkin}")
    teacher.sends(r"/checkins/\d+/openings", {})
    assert "Close the check-in" in teacher.page.text
    assert "How was the bridge?" in student.walker.get(str(student.page.url)).text


def test_opening_again_changes_nothing(installation: Installation) -> None:
    teacher, _, checkin = prepared(installation)
    query = teacher.page.url.query.decode()
    opened = []
    for _ in range(2):
        assert teacher.walker.post(f"/checkins/{checkin}/openings?{query}", {}).status_code == 303
        opened.append(checkins_of(installation)[-1].opened_at)
    assert opened[0] == opened[1]


def test_one_that_is_closed_is_not_opened_again(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    checkin = teacher.asks("How was the moon?")
    query = teacher.page.url.query.decode()
    teacher.walker.post(f"/checkins/{checkin}/closures?{query}", {})
    teacher.walker.post(f"/checkins/{checkin}/openings?{query}", {})
    assert checkins_of(installation)[-1].closed_at is not None


def test_another_courses_check_in_cannot_be_opened(installation: Installation) -> None:
    _, _, checkin = prepared(installation)
    stranger = arrives(installation, "4", "3", "3")
    query = stranger.page.url.query.decode()
    assert_refused(stranger.walker.post(f"/checkins/{checkin}/openings?{query}", {}), "missing")
    assert checkins_of(installation)[-1].opened_at is None


def to_open_now(running: Installation) -> int:
    """The number of a check-in that was made in the content dialog, and whose time has come."""
    checkin = opens_dialog(running).asks("How was the tower?")
    now = datetime.now(UTC)
    running.database.write_now(lambda db: set_opening(db, checkin, now))
    return checkin


def opened_at(running: Installation, checkin: int) -> datetime | None:
    return stored(running, lambda db: db.get_one(Checkin, checkin).opened_at)


def test_what_is_due_opens_by_the_way_while_serving(installation: Installation) -> None:
    checkin = to_open_now(installation)
    assert until(lambda: opened_at(installation, checkin))


def test_tidying_opens_what_is_due(installation: Installation) -> None:
    checkin = to_open_now(installation)
    assert shell_of(installation).run("tidy").exit_code == 0
    assert opened_at(installation, checkin)
