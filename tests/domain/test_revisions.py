"""Which question an answer answers."""

import pytest
from sqlmodel import Session

from reflect.domain import answers, guests, lifecycle, revisions
from reflect.domain.checkins import Draft
from reflect.domain.privacy.sealing import Content
from reflect.domain.refusals import Refused
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from tests.classroom import NOW, SEALER, Classroom, classroom, preview_of

CHANGES = {
    "words": {"question": "Something else?"},
    "form": {"answer_form": "scale"},
    "labels": {"answer_form": "choices", "label-1": "tea", "label-2": "milk"},
    "a note": {"asks_note": "yes"},
    "names": {"anonymity": "anonymous"},
}


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database)


def edited(room: Classroom, number: int, **fields: str) -> int:
    """Save the form of a check-in with these fields changed; its revision."""

    def work(db: Session) -> int:
        form = lifecycle.fields_of(db, db.get_one(Checkin, number)) | fields
        lifecycle.edit(db, room.teacher, number, Draft.read(form), 3, NOW)
        return db.get_one(Checkin, number).revision

    return room.database.write_now(work)


def gives(room: Classroom, number: int, revision: int, who: int = 0, choice: str = "skip") -> None:
    room.database.write_now(
        lambda db: answers.give(db, room.students[who], number, Content(choice), SEALER, NOW, revision)
    )


@pytest.mark.parametrize("fields", CHANGES.values(), ids=CHANGES.keys())
def test_an_answer_to_the_question_as_it_was_is_refused(room: Classroom, fields: dict[str, str]) -> None:
    number = room.open("named", shared_with_class=False)
    assert edited(room, number, **fields) == 1
    for before in (0, 2, -1):
        with pytest.raises(Refused, match="question_changed"):
            gives(room, number, before)
    tried = preview_of(room.students[1])
    with pytest.raises(Refused, match="question_changed"):
        room.database.write_now(lambda db: answers.give(db, tried, number, Content("skip"), SEALER, NOW))
    assert room.for_staff(number).answered == 0
    gives(room, number, 1)
    assert room.for_staff(number).answered == 1


def test_what_leaves_the_question_alone_asks_nobody_anew(room: Classroom) -> None:
    number = room.open("named", shared_with_class=True)
    assert edited(room, number) == 0
    assert edited(room, number, manner="plain", simple_words="yes", shared_with_class="") == 0
    gives(room, number, 0)


def test_before_it_opens_nobody_had_it_before_them(room: Classroom) -> None:
    number = room.open("named", shared_with_class=False)
    room.database.write_now(lambda db: setattr(db.get_one(Checkin, number), "opened_at", None))
    assert edited(room, number, question="Something else?") == 0


def test_a_duplicate_begins_anew(room: Classroom) -> None:
    number = room.open("named", shared_with_class=False)
    edited(room, number, question="Something else?")
    twin = room.database.write_now(lambda db: lifecycle.duplicate(db, room.teacher, number, 3))
    assert room.checkin(twin).revision == 0


def test_a_guest_answers_the_question_as_it_is_now_and_then_it_stays(room: Classroom) -> None:
    number = room.open()
    code = room.database.write_now(lambda db: guests.open_to_guests(db, room.teacher, number, 9, NOW))
    assert edited(room, number, question="Something else?") == 1
    with pytest.raises(Refused, match="question_changed"):
        room.database.write_now(lambda db: guests.answer(db, code, Content("calm"), SEALER))
    room.database.write_now(lambda db: guests.answer(db, code, Content("calm"), SEALER, 1))
    with pytest.raises(Refused, match="checkin_answered"):
        edited(room, number, question="And now?")


@pytest.mark.parametrize(
    ("typed", "revision"), [("", 0), ("0", 0), ("12", 12), ("-1", -1), ("x", -1), ("1" * 10, -1), ("²", -1)]
)
def test_a_revision_is_read_from_a_form(typed: str, revision: int) -> None:
    assert revisions.read(typed) == revision
