"""Guests in the mix: two copies of the database differ by no readable answer or by at least k, and guests give no
hold on a student."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from reflect.domain import answers as domain_answers
from reflect.domain import checkins, lifecycle, reflections
from reflect.domain import guests as domain_guests
from reflect.domain.answers import Outcome
from reflect.domain.forms import OTHER_WORD
from reflect.domain.privacy.sealing import CONTENT_SIZE, CONTENT_SIZE_WITH_NOTE, Content
from reflect.domain.privacy.verification import verify
from reflect.domain.refusals import Refused
from reflect.storage import answers, class_totals, guests
from reflect.storage.database import Database
from reflect.storage.guests import GuestText, SealedGuestAnswer
from reflect.storage.texts import Kind, ReleasedText
from tests.classroom import NOW, Classroom, classroom
from tests.domain.privacy.test_attacker import (
    SIZE,
    assert_nobody_is_certain,
    assert_steps_of_at_least,
    dump,
    moderately,
)
from tests.domain.privacy.test_texts import Said, written
from tests.domain.privacy.test_traces import opened as in_files
from tests.domain.privacy.worlds import FEELINGS
from tests.statements import counting

GUEST, CLOSE, SHUT, OPEN = "guest", "close", "shut", "open"
Step = tuple[str | int, str]
steps = st.lists(
    st.tuples(
        st.one_of(st.just(GUEST), st.just(GUEST), st.integers(0, SIZE - 1), st.sampled_from([SHUT, OPEN])),
        st.sampled_from(FEELINGS[:1] * 3 + FEELINGS),
    ),
    max_size=18,
)


class Play:
    """A check-in with students and guests; after every step all that is readable is written down."""

    def __init__(self, room: Classroom, release: str, k: int, **fields: str) -> None:
        self.room, self.checkin_id = room, room.open("anonymous", release, k, **fields)
        self.code = self.opening()
        self.students: list[str] = []
        self.guests: list[str] = []
        self.sights: list[tuple[int, dict[str, int], int, dict[str, int]]] = []
        self.look()

    def opening(self) -> str:
        return self.room.database.write_now(
            lambda db: domain_guests.open_to_guests(db, self.room.teacher, self.checkin_id, 200, NOW)
        )

    def shut(self) -> None:
        self.room.database.write_now(
            lambda db: domain_guests.close_to_guests(db, self.room.teacher, self.checkin_id, NOW)
        )

    def run(self, script: Sequence[Step]) -> None:
        answered: set[object] = set()
        for who, feeling in script:
            if who == GUEST:
                self.guest(feeling)
            elif who == SHUT:
                self.shut()
            elif who == OPEN:
                assert self.opening() == self.code
            elif who not in answered:
                answered.add(who)
                self.room.answer(self.room.students[int(who)], self.checkin_id, feeling)
                self.students.append(feeling)
            self.look()
        self.room.close(self.checkin_id)
        self.look()

    def guest(self, feeling: str, word: str = "", note: str = "") -> None:
        content = Content(feeling, word, note)
        try:
            self.room.database.write_now(lambda db: domain_guests.answer(db, self.code, content, self.room.sealer))
        except Refused as refusal:
            assert refusal.code == "guests_closed"
        else:
            self.guests.append(feeling)

    def look(self) -> None:
        def work(db: object) -> tuple[int, dict[str, int], int, dict[str, int]]:
            tally, of_guests = answers.tally(db, self.checkin_id), guests.tally(db, self.checkin_id)  # type: ignore[arg-type]
            return len(self.students), tally, len(self.guests), of_guests

        self.sights.append(self.room.database.read_now(work))


@moderately
@given(k=st.integers(3, 5), release=st.sampled_from(["in_steps", "at_close"]), script=steps)
def test_two_copies_with_guests_differ_by_nothing_or_by_at_least_k(
    database: Database, k: int, release: str, script: list[Step]
) -> None:
    play = Play(classroom(database, SIZE), release, k)
    play.run(script)
    of_students = [tally for _, tally, _, _ in play.sights]
    of_guests = [tally for _, _, _, tally in play.sights]
    both = [dict(Counter(one) + Counter(other)) for one, other in zip(of_students, of_guests, strict=True)]
    for states in (of_students, of_guests, both):
        assert_steps_of_at_least(k, states)
    # However many guests there are, and whoever they are: students are as safe as without them, and so are guests.
    assert_nobody_is_certain(tuple(play.students), [(count, tally) for count, tally, _, _ in play.sights])
    if len(play.guests) <= SIZE:
        assert_nobody_is_certain(tuple(play.guests), [(count, tally) for _, _, count, tally in play.sights])
    event(f"{release}: {bool(of_students[-1])} {bool(of_guests[-1])}")


def test_guests_who_all_are_one_reader_bring_no_students_answer_nearer(database: Database) -> None:
    room = classroom(database, 4)
    play = Play(room, "in_steps", 5)
    room.answer(room.students[0], play.checkin_id, "sad")
    for _ in range(20):
        play.guest("calm")
    assert room.for_staff(play.checkin_id).bars == ()
    room.close(play.checkin_id)
    assert room.for_staff(play.checkin_id).bars == ()
    assert room.for_staff(play.checkin_id).withheld == 1


@pytest.mark.parametrize("release", ["in_steps", "at_close"])
def test_who_launches_again_and_again_without_a_sub_bring_no_students_answer_nearer(
    database: Database, release: str
) -> None:
    """Whoever gave four answers of a batch of five would know the fifth."""
    room = classroom(database, 4)
    checkin_id = room.open("anonymous", release, 5)
    room.answer(room.students[0], checkin_id, "sad")
    for _ in range(4):
        assert room.answer(room.nobody(), checkin_id, "calm") == Outcome.GIVEN
    assert room.for_staff(checkin_id).answered == 1
    room.close(checkin_id)
    assert room.for_class(checkin_id) is None
    found = room.for_staff(checkin_id)
    assert (found.answered, found.bars, found.unsaid, found.withheld) == (1, (), 0, 1)
    assert database.read_now(lambda db: guests.tally(db, checkin_id)) == {}
    assert database.read_now(lambda db: [proof.claim for proof in verify(db) if not proof.holds]) == []


def test_who_come_without_a_sub_have_batches_with_the_guests(database: Database) -> None:
    play = Play(classroom(database, 3), "in_steps", 3)
    for choice in ("calm", "sad"):
        play.room.answer(play.room.nobody(), play.checkin_id, choice)
    play.guest("tired")
    assert sum(database.read_now(lambda db: guests.tally(db, play.checkin_id)).values()) == 3
    assert play.room.for_staff(play.checkin_id).answered == 0


def test_of_who_comes_without_a_sub_the_first_answer_to_an_anonymous_checkin_stands(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id, other = room.open("anonymous"), room.open("anonymous", question="And now?")
    nobody, rows = room.nobody(), [room.checkin(checkin_id), room.checkin(other)]

    def answered(db: Session) -> tuple[bool, set[int]]:
        return (
            domain_answers.own(db, nobody, rows[0]).has_answered,
            domain_answers.answered_among(db, nobody, rows),
        )

    assert database.read_now(answered) == (False, set())
    assert [room.answer(nobody, checkin_id, "calm") for _ in range(2)] == [Outcome.GIVEN, Outcome.ALREADY_GIVEN]
    assert database.read_now(answered) == (True, {checkin_id})
    opening = database.read_now(lambda db: guests.find(db, checkin_id))
    # When it came is not kept, and no address leads in.
    assert (opening.answered, opening.opened_at, opening.closed_at) == (1, rows[0].opened_at, rows[0].opened_at)
    with pytest.raises(Refused, match="guests_closed"):
        database.read_now(lambda db: domain_guests.invited(db, opening.code))
    code = database.write_now(lambda db: domain_guests.open_to_guests(db, room.teacher, checkin_id, 20, NOW))
    database.write_now(lambda db: domain_guests.answer(db, code, Content("sad"), room.sealer))
    assert database.read_now(lambda db: guests.find(db, checkin_id)).answered == 2


def test_what_somebody_without_a_sub_answered_is_asked_in_one_go(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, asked = classroom(database, 3), []
    nobody = room.nobody()
    for number in range(8):
        checkin_id = room.open("anonymous", question=f"{number}?")
        room.answer(nobody, checkin_id, "calm")
        asked.append(room.checkin(checkin_id))
        if number in (0, 7):
            with counting(database, monkeypatch) as sent:
                found = database.read_now(lambda db: domain_answers.answered_among(db, nobody, asked))
            assert (found, len(sent)) == ({row.id for row in asked}, 3)


def test_who_come_without_a_sub_are_in_no_total_that_classmates_see(database: Database) -> None:
    room = classroom(database, 5)
    checkin_id = room.open("named", k=5)
    for student in room.students[:4]:
        room.answer(student, checkin_id, "sad")
    nobody = [room.nobody() for _ in range(5)]
    for one in nobody:
        room.answer(one, checkin_id, "calm")
    room.close(checkin_id)
    assert room.for_class(checkin_id) is None
    database.write_now(lambda db: lifecycle.reopen(db, room.teacher, checkin_id, 5, NOW))
    room.answer(room.students[4], checkin_id, "tired")
    room.close(checkin_id)
    total = database.read_now(lambda db: class_totals.of_checkin(db, checkin_id))
    assert sum(total.values()) == 5 and "calm" not in total
    for one in nobody:
        database.write_now(lambda db, it=one: reflections.erase_own(db, it))  # type: ignore[misc]
    assert database.read_now(lambda db: class_totals.of_checkin(db, checkin_id)) == total


def test_no_table_has_a_row_that_could_be_a_guest(database: Database) -> None:
    """Of a guest nothing is kept but a seal under a random key, and a number."""
    play = Play(classroom(database, 3), "at_close", 5)
    names = [table.name for table in SQLModel.metadata.sorted_tables]
    before = database.read_now(lambda db: rows_of(db, names))
    play.guest("frustrated")
    after = database.read_now(lambda db: rows_of(db, names))
    assert {name for name in names if len(before[name]) != len(after[name])} == {"sealed_guest_answer"}
    changed = {name for name in names if before[name] != after[name]}
    assert changed == {"sealed_guest_answer", "guest_opening", "checkin"}
    assert "frustrated" not in database.read_now(dump)


def rows_of(db: object, names: Sequence[str]) -> dict[str, list[str]]:
    tables = SQLModel.metadata.tables
    return {name: sorted(str(row) for row in db.execute(tables[name].select())) for name in names}  # type: ignore[attr-defined]


def test_nothing_in_the_sqlite_files_says_a_guests_feeling_before_its_release(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with in_files(tmp_path / "files", sqlite_template, 3) as (files, room):
        play = Play(room, "at_close", 5)
        for _ in range(4):
            play.guest("frustrated")
            assert b"frustrated" not in files.raw
        room.close(play.checkin_id)
    assert len(files.sealer.seals) == 4
    assert b"frustrated" not in files.raw
    assert not [seal for seal in files.sealer.seals if seal[:12] in files.raw]


@pytest.mark.parametrize("release", ["in_steps", "at_close"])
def test_unanimous_guests_are_never_readable_as_such(database: Database, release: str) -> None:
    play = Play(classroom(database, 1), release, 5)
    for _ in range(5):
        play.guest("calm")
    play.room.close(play.checkin_id)
    play.look()
    assert play.sights[-1][3] == {"calm": 3, "unsaid": 2}


def sealed_sizes(room: Classroom) -> set[int]:
    return room.database.read_now(lambda db: {len(row.seal) for row in db.exec(select(SealedGuestAnswer)).all()})


def texts(room: Classroom, kind: Kind) -> Counter[str]:
    """What guests wrote, as far as it is readable."""

    def work(db: Session) -> Counter[str]:
        return Counter(row.text for row in db.exec(select(GuestText)).all() if row.kind == kind)

    return room.database.read_now(work)


@moderately
@given(k=st.integers(3, 5), release=st.sampled_from(["in_steps", "at_close"]), script=written)
def test_texts_of_guests_come_with_batches_of_at_least_k_each_once_and_never_before(
    database: Database, k: int, release: str, script: list[Said]
) -> None:
    room = classroom(database, 1)
    play, before = Play(room, release, k, asks_note="yes"), 0
    notes: Counter[str] = Counter()
    words: Counter[str] = Counter()
    database.write_now(lambda db: [db.delete(row) for row in db.exec(select(GuestText)).all()])
    for said in [*script, None]:
        if said is None:
            room.close(play.checkin_id)
        else:
            play.guest(said[0], said[1] if said[0] == OTHER_WORD else "", said[2])
        released = sum(database.read_now(lambda db: guests.tally(db, play.checkin_id)).values())
        new_notes, new_words = texts(room, Kind.NOTE) - notes, texts(room, Kind.WORD) - words
        if released == before:
            assert not new_notes and not new_words
        else:
            assert released - before >= k
            batch = script[before:released]
            assert new_notes == Counter({note for _, _, note in batch if note})
            own = {word.casefold() for choice, word, _ in batch if choice == OTHER_WORD}
            is_exact = len(batch) - max(Counter(choice for choice, _, _ in batch).values()) >= 3
            assert Counter(word.casefold() for word in new_words.elements()) == Counter(own if is_exact else ())
        notes, words, before = notes + new_notes, words + new_words, released
    assert database.read_now(lambda db: db.exec(select(ReleasedText)).all()) == []


@pytest.mark.parametrize(
    ("fields", "size"), [({}, CONTENT_SIZE), ({"asks_note": "yes"}, CONTENT_SIZE_WITH_NOTE)], ids=["plain", "note"]
)
def test_a_guests_seal_has_the_size_of_every_other_whatever_was_written(
    database: Database, fields: dict[str, str], size: int
) -> None:
    room = classroom(database, 1)
    play = Play(room, "at_close", 9, **fields)
    for feeling, word, note in (("calm", "", ""), (OTHER_WORD, "🙂" * 30, ""), ("calm", "", "🙂" * 500)):
        play.guest(feeling, word, note)
    room.answer(room.students[0], play.checkin_id, "calm")
    assert sealed_sizes(room) == {12 + size + 16}


def test_what_guests_wrote_is_nowhere_readable_before_its_release_nor_if_they_were_too_few(database: Database) -> None:
    play = Play(classroom(database, 1), "at_close", 5, asks_note="yes")
    for _ in range(4):
        play.guest(OTHER_WORD, "plodding", "Nobody listens.")
    assert not any(text in database.read_now(dump) for text in ("plodding", "Nobody listens"))
    play.room.close(play.checkin_id)
    assert not any(text in database.read_now(dump) for text in ("plodding", "Nobody listens"))
    assert database.read_now(lambda db: guests.sealed(db, play.checkin_id)) == []


def test_guests_bring_no_students_words_out_nor_students_those_of_guests(database: Database) -> None:
    room = classroom(database, 4)
    play = Play(room, "in_steps", 5, asks_note="yes")
    for student in room.students:
        room.answer(student, play.checkin_id, "calm", note="Of a student.")
    for _ in range(4):
        play.guest("calm", note="Of a guest.")
    assert "Of a" not in database.read_now(dump)
    play.guest("calm", note="Of a guest.")
    assert texts(room, Kind.NOTE) == Counter(["Of a guest."])
    assert "Of a student" not in database.read_now(dump)


def test_a_guests_word_does_not_undo_what_was_set_aside(database: Database) -> None:
    play = Play(classroom(database, 1), "in_steps", 5)
    for _ in range(4):
        play.guest("calm")
    play.guest(OTHER_WORD, "plodding")
    assert database.read_now(lambda db: guests.tally(db, play.checkin_id)) == {"calm": 3, "unsaid": 2}
    assert "plodding" not in database.read_now(dump)


def test_no_choice_of_a_guest_stands_beside_what_they_wrote(database: Database) -> None:
    assert set(GuestText.model_fields) == {"checkin_id", "random_key", "kind", "text"}
    room = classroom(database, 1)
    play = Play(room, "in_steps", 3, asks_note="yes")
    for feeling, note in (("calm", "First."), ("happy", ""), ("sad", "Last.")):
        play.guest(feeling, note=note)
    found = database.read_now(
        lambda db: domain_guests.for_staff(db, room.teacher, checkins.of(db, room.teacher, play.checkin_id))
    )
    assert found and Counter(found.results.notes) == Counter(["First.", "Last."])
    assert found.results.people == ()
