"""Notes and own words of anonymous check-ins: what whoever reads everything can tell of who wrote what."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from reflect.domain.forms import FORMS, OTHER_WORD
from reflect.domain.privacy.release import UNSAID
from reflect.domain.privacy.sealing import CONTENT_SIZE_WITH_NOTE
from reflect.storage.answers import SealedAnswer
from reflect.storage.database import Database
from reflect.storage.texts import Kind, ReleasedText
from tests.classroom import Classroom, classroom
from tests.domain.privacy.test_attacker import dump, moderately
from tests.domain.privacy.test_traces import opened, pieces

NOTES = ("", "", "The bus was loud.", "Ich möchte vorne sitzen.", "x" * 500, "🙂" * 500)
WORDS = ("wobbly", "Wobbly", "plodding")
written = st.lists(
    st.tuples(st.sampled_from(("calm", "happy", OTHER_WORD)), st.sampled_from(WORDS), st.sampled_from(NOTES)),
    max_size=9,
)
Said = tuple[str, str, str]


def give(room: Classroom, checkin_id: int, person: int, said: Said) -> None:
    choice, word, note = said
    room.answer(room.students[person], checkin_id, choice, word=word if choice == OTHER_WORD else "", note=note)


def texts(room: Classroom, checkin_id: int, kind: Kind) -> list[str]:
    """What is stored readably, in the order in which it is stored."""

    def work(db: Session) -> list[str]:
        rows = db.exec(select(ReleasedText).where(ReleasedText.checkin_id == checkin_id)).all()
        return [row.text for row in rows if row.kind == kind]

    return room.database.read_now(work)


@moderately
@given(k=st.integers(3, 5), release=st.sampled_from(["in_steps", "at_close"]), script=written)
def test_texts_come_with_batches_of_at_least_k_answers_each_once_and_never_before(
    database: Database, k: int, release: str, script: list[Said]
) -> None:
    room = classroom(database, 9)
    checkin_id = room.open(release=release, k=k, asks_note="yes")
    before: tuple[Counter[str], Counter[str], int] = (Counter(), Counter(), 0)
    for number, said in enumerate([*script, None]):
        if said is None:
            room.close(checkin_id)
        else:
            give(room, checkin_id, number, said)
        notes, words = (Counter(texts(room, checkin_id, kind)) for kind in (Kind.NOTE, Kind.WORD))
        found = room.for_staff(checkin_id)
        released = found.shown + found.unsaid
        if (notes, words) != before[:2]:
            assert released - before[2] >= k
        batch = script[before[2] : released]
        if released > before[2]:
            assert notes - before[0] == Counter({note for _, _, note in batch if note})
            counts = Counter(choice for choice, _, _ in batch)
            own = {word.casefold() for choice, word, _ in batch if choice == OTHER_WORD}
            is_exact = len(batch) - max(counts.values()) >= 3
            assert Counter(word.casefold() for word in (words - before[1]).elements()) == Counter(
                own if is_exact else ()
            )
        assert Counter(found.notes) == notes
        assert Counter(found.words) == words
        before = (notes, words, released)
        sealed = {len(row.seal) for row in database.read_now(lambda db: db.exec(select(SealedAnswer)).all())}
        assert sealed <= {12 + CONTENT_SIZE_WITH_NOTE + 16}


def test_no_readable_column_holds_a_note_before_its_release(database: Database) -> None:
    room = classroom(database, 4)
    checkin_id = room.open(k=5, asks_note="yes")
    for person in range(4):
        give(room, checkin_id, person, (OTHER_WORD, "plodding", "Nobody listens."))
    tables = database.read_now(dump)
    assert "plodding" not in tables
    assert "Nobody listens" not in tables


def test_texts_of_answers_too_few_to_show_are_destroyed_unread(database: Database) -> None:
    room = classroom(database, 4)
    checkin_id = room.open(k=5, asks_note="yes")
    for person in range(4):
        give(room, checkin_id, person, (OTHER_WORD, "plodding", "Nobody listens."))
    room.close(checkin_id)
    found = room.for_staff(checkin_id)
    assert (found.withheld, found.notes, found.words) == (4, (), ())


def test_a_word_does_not_undo_what_was_set_aside(database: Database) -> None:
    room = classroom(database, 5)
    checkin_id = room.open(k=5)
    for person in range(5):
        give(room, checkin_id, person, (OTHER_WORD, "plodding", "") if person == 4 else ("calm", "", ""))
    room.close(checkin_id)
    found = room.for_staff(checkin_id)
    assert (found.unsaid, found.words) == (2, ())


def test_how_many_agree_in_a_note_is_not_told(database: Database) -> None:
    room = classroom(database, 5)
    checkin_id = room.open(k=5, asks_note="yes")
    for person, choice in enumerate(("calm", "happy", "tired", "calm", "sad")):
        give(room, checkin_id, person, (choice, "", "The bus  was loud." if person % 2 else "the bus was loud."))
    room.close(checkin_id)
    (note,) = room.for_staff(checkin_id).notes
    assert note.casefold().split() == ["the", "bus", "was", "loud."]


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_classmates_read_no_text(database: Database, anonymity: str) -> None:
    room = classroom(database, 5)
    checkin_id = room.open(anonymity, k=3, asks_note="yes")
    for person, choice in enumerate(("calm", "happy", "tired", "calm", OTHER_WORD)):
        give(room, checkin_id, person, (choice, "plodding", "Nobody listens."))
    room.close(checkin_id)
    seen = room.for_class(checkin_id)
    assert seen is not None
    assert (seen.notes, seen.words, seen.people) == ((), (), ())


def test_who_wrote_which_note_of_a_batch_leaves_no_trace_in_the_sqlite_files(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = ["The bus was loud.", "", "Vorne!", "", "x" * 500]
    choices = ["calm", "happy", "tired", "calm", "sad"]
    worlds = (list(zip(choices, notes, strict=True)), list(zip(reversed(choices), notes[2:] + notes[:2], strict=True)))
    histories = []
    for name, world in zip(("one", "other"), worlds, strict=True):
        chance, copies = random.Random(7), []
        with monkeypatch.context() as patched:
            patched.setattr("secrets.token_bytes", lambda size=32, chance=chance: chance.randbytes(size))
            with opened(tmp_path / name, sqlite_template, 5) as (files, room):
                checkin_id = room.open(release="in_steps", k=5, asks_note="yes")
                for person, (choice, note) in enumerate(world):
                    give(room, checkin_id, person, (choice, "", note))
                    copies.append(files.pages())
        histories.append(copies)
    assert histories[0] == histories[1]


def test_a_named_note_stands_by_the_name_and_changes_with_the_answer(database: Database) -> None:
    room = classroom(database, 2)
    checkin_id = room.open("named", asks_note="yes")
    room.answer(room.students[0], checkin_id, OTHER_WORD, word="plodding", note="First.\r\nSecond. ")
    (person,) = room.for_staff(checkin_id).people
    assert (person.choice, person.word, person.note) == (OTHER_WORD, "plodding", "First.\nSecond.")
    room.answer(room.students[0], checkin_id, "calm", word="left over")
    (person,) = room.for_staff(checkin_id).people
    assert (person.choice, person.word, person.note) == ("calm", "", "")
    assert room.for_staff(checkin_id).notes == ()


def test_unsaid_is_no_choice_of_any_form() -> None:
    assert not [form.key for form in FORMS.values() if UNSAID in form.keys]


def test_no_piece_of_a_long_seal_is_left_after_its_release(tmp_path: Path, sqlite_template: Path) -> None:
    with opened(tmp_path / "files", sqlite_template, 5) as (files, room):
        checkin_id = room.open(release="in_steps", k=5, asks_note="yes")
        for person in range(5):
            assert not files.sealer.seals or files.sealer.seals[-1][:12] in files.raw
            give(room, checkin_id, person, ("calm", "", "x" * 500))
    assert not [piece for piece in pieces(files.sealer.seals) if piece in files.raw]
