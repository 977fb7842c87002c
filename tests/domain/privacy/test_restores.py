"""Whoever remembers what was published before an older state came back, and reads what is published after."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from reflect.domain import backups, guests, openings, restores, series, talks
from reflect.domain.privacy.sealing import Content
from reflect.domain.privacy.verification import verify
from reflect.domain.refusals import Refused
from reflect.domain.schedules import Schedule
from reflect.domain.talks import Wish
from reflect.storage import answers
from reflect.storage.answers import SealedAnswer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.class_totals import ClassTotal
from reflect.storage.database import Database
from reflect.storage.guests import GuestTally, SealedGuestAnswer
from reflect.storage.talk_periods import TalkPeriod
from tests.classroom import NOW, SEALER, Classroom, counts
from tests.domain.privacy.worlds import FEELINGS
from tests.domain.school import LATER, School, school

K, SIZE = 3, 7
ONLY_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

State = Mapping[str, int]


@dataclass
class Memory:
    """Every state of everything that was ever published."""

    states: dict[tuple[object, ...], list[State]] = field(default_factory=lambda: defaultdict(list))

    def look(self, database: Database, of: School) -> None:
        """Read all that can be read."""

        def work(db: Session) -> dict[tuple[object, ...], Counter[str]]:
            found: dict[tuple[object, ...], Counter[str]] = defaultdict(Counter)
            anonymous = {row.id for row in db.exec(select(Checkin)).all() if row.is_anonymous}
            for table in (Tally, GuestTally, ClassTotal):
                for row in db.exec(select(table)).all():
                    if table is not Tally or row.checkin_id in anonymous:
                        found[table.__tablename__, row.checkin_id][row.choice] += row.count
            return found

        seen = database.read_now(work)
        for week in replace(of, database=database).rows():
            seen["week", week.course_id, week.week_on] = Counter(
                {"people": week.people, "pleasant": week.pleasant, "in between": week.in_between,
                 "unpleasant": week.unpleasant, "unsaid": week.unsaid}
            )  # fmt: skip
        for thing, state in seen.items():
            if state not in self.states[thing]:
                self.states[thing].append(state)

    def faults(self) -> list[object]:
        """Things of which two states differ by fewer than k, or of which there were two although one is published."""
        found = []
        for (kind, *rest), states in self.states.items():
            if kind in {"week", "class_total"} and len(states) > 1:
                found.append((kind, rest, states))
            for one in states:
                for other in states:
                    larger, smaller = (one, other) if sum(one.values()) >= sum(other.values()) else (other, one)
                    differ = {key: larger.get(key, 0) - smaller.get(key, 0) for key in {*larger, *smaller}}
                    is_step = min(differ.values()) >= 0 and sum(differ.values()) >= K
                    if kind in {"tally", "guest_tally"} and any(differ.values()) and not is_step:
                        found.append((kind, rest, one, other))
        return found


@dataclass
class Play:
    """A school of one course, and what its teacher, students and guests do at random."""

    of: School
    chance: random.Random
    memory: Memory
    opened: list[int] = field(default_factory=list)
    code: str = ""

    @property
    def room(self) -> Classroom:
        return replace(self.of.rooms[0], database=self.of.database)

    def begin(self) -> None:
        """Check-ins of every kind."""
        for anonymity, release in (("anonymous", "in_steps"), ("anonymous", "at_close"), ("named", "at_close")):
            self.opened.append(self.room.open(anonymity, release, k=K, question=f"{anonymity} {release}?"))
        self.code = self.of.database.write_now(
            lambda db: guests.open_to_guests(db, self.room.teacher, self.opened[0], 50, NOW)
        )

    def step(self, now: datetime) -> None:
        """Somebody answers, or a check-in is closed."""
        what = self.chance.random()
        try:
            if what < 0.06:
                self.room.close(self.chance.choice(self.opened), now)
            elif what < 0.3:
                said = Content(self.chance.choice(FEELINGS))
                self.of.database.write_now(lambda db: guests.answer(db, self.code, said, SEALER))
            else:
                student = self.chance.choice(self.room.students)
                self.room.answer(student, self.chance.choice(self.opened), self.chance.choice(FEELINGS), now)
        except Refused:
            pass
        self.memory.look(self.of.database, self.of)

    def end(self, now: datetime) -> None:
        """Everything is closed, and the weeks that are over are published."""
        for checkin_id in self.opened:
            self.room.close(checkin_id, now)
        self.of.publish(K, now)
        self.memory.look(self.of.database, self.of)


def played(url: str, seed: int, *, is_untouched: bool, folder: Path) -> Memory:
    """A history, with a backup in its midst that comes back at its end, and a history after that."""
    memory, chance = Memory(), random.Random(seed)
    database = Database(url)
    play = Play(school(database, [SIZE]), chance, memory)
    play.begin()
    backup, at = folder / f"{seed}.backup", chance.randrange(1, 12)
    for number in range(18):
        if number == at:
            backups.write(database, backup, NOW)
        play.step(NOW)
    play.end(LATER)
    database.close()
    with backups.restoring(url, backup, LATER) as it:
        # Of another place nothing is known of what is replaced, so that whoever says so is believed.
        restores.settle(replace(it, before=None), LATER, is_untouched=is_untouched)
        assert is_untouched or all(proof.holds for proof in verify(it.db))
    database = Database(url)
    after = replace(play, of=replace(play.of, database=database))
    memory.look(database, after.of)
    for _ in range(18):
        after.step(LATER)
    after.end(LATER + timedelta(days=30))
    database.close()
    return memory


@ONLY_SQLITE
@pytest.mark.parametrize("seed", range(4))
def test_any_two_published_states_differ_by_nothing_or_by_k(seed: int, database_url: str, tmp_path: Path) -> None:
    assert played(database_url, seed, is_untouched=False, folder=tmp_path).faults() == []


@ONLY_SQLITE
@pytest.mark.parametrize("is_untouched", [True, False])
def test_without_that_somebody_who_remembers_would_learn_a_single_answer(
    is_untouched: bool, database_url: str, tmp_path: Path
) -> None:
    """Four answered, three of them before the backup; then those three are all there are."""
    memory = Memory()
    database = Database(database_url)
    of = school(database, [SIZE])
    room = replace(of.rooms[0], database=database)
    checkin_id = room.open(k=K)
    for number, feeling in enumerate(("calm", "happy", "tired", "angry")):
        if number == K:
            backups.write(database, tmp_path / "backup", NOW)
        room.answer(room.students[number], checkin_id, feeling)
    room.close(checkin_id)
    memory.look(database, of)
    database.close()
    with backups.restoring(database_url, tmp_path / "backup", LATER) as it:
        restores.settle(replace(it, before=None), LATER, is_untouched=is_untouched)
    database = Database(database_url)
    replace(room, database=database).close(checkin_id)
    memory.look(database, replace(of, database=database))
    database.close()
    assert bool(memory.faults()) == is_untouched


def test_what_is_open_ends_as_it_was_published(database: Database) -> None:
    room = replace(school(database, [8]).rooms[0], database=database)
    checkin_id, named = room.open(release="in_steps", k=3), room.open("named")
    code = database.write_now(lambda db: guests.open_to_guests(db, room.teacher, checkin_id, 50, NOW))
    for student in room.students[:5]:
        room.answer(student, checkin_id, "calm")
        room.answer(student, named, "calm")
    for _ in range(2):
        database.write_now(lambda db: guests.answer(db, code, Content("happy"), SEALER))
    before = counts(room.for_staff(checkin_id))
    ended = database.write_now(lambda db: restores.restores.end(db, LATER))
    assert (ended.checkins, ended.answers, ended.guests, ended.unshared) == (1, 2, 2, 1)
    assert counts(room.for_staff(checkin_id)) == before
    assert room.checkin(checkin_id).closed_at == LATER
    assert room.checkin(checkin_id).withheld == 2
    assert not room.checkin(named).closed_at
    assert room.for_staff(named).answered == 5
    room.close(named)
    assert room.for_class(named) is None

    def sealed(db: Session) -> list[object]:
        return [*db.exec(select(SealedAnswer)).all(), *db.exec(select(SealedGuestAnswer)).all()]

    assert database.read_now(sealed) == []
    assert all(proof.holds for proof in database.read_now(verify))


def test_marks_of_an_ended_checkin_are_sent_as_at_any_close(database: Database) -> None:
    from reflect.domain import gradebooks
    from reflect.storage.services import Score

    room = replace(school(database, [4]).rooms[0], database=database)
    checkin_id = room.open(k=3)
    database.write_now(lambda db: gradebooks.begin_marking(db, [checkin_id], NOW))
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    database.write_now(lambda db: restores.restores.end(db, LATER))
    marks = database.read_now(lambda db: db.exec(select(Score)).all())
    assert [(mark.due_at, mark.is_waiting) for mark in marks] == [(LATER, True)] * 4


def test_what_should_have_opened_meanwhile_does_not_open_by_itself(database: Database) -> None:
    room = replace(school(database, [5]).rooms[0], database=database)

    def prepare(db: Session) -> tuple[int, ...]:
        made = []
        for anonymity in ("anonymous", "named"):
            fields = {"question": "How was it?", "anonymity": anonymity, "when": "later", "opens_on": "2026-09-08",
                      "opens_at": "08:00", "zone": "UTC"}  # fmt: skip
            made.append(_prepared(db, room, fields))
        return tuple(made)

    anonymous, named = database.write_now(prepare)
    ended = database.write_now(lambda db: restores.restores.end(db, LATER))
    assert ended.unopened == 1
    database.write_now(lambda db: openings.open_due(db, K, LATER))
    assert room.checkin(anonymous).opened_at is None
    assert room.checkin(anonymous).opening_fault == "missed"
    assert room.checkin(named).opened_at is not None


def _prepared(db: Session, room: Classroom, fields: dict[str, str]) -> int:
    row = Checkin(
        course_id=room.course_id, question=fields["question"], form="words_core", release="at_close",
        is_anonymous=fields["anonymity"] == "anonymous", shared_with_class=False, min_group_size=K,
        opens_at=NOW + timedelta(days=1),
    )  # fmt: skip
    db.add(row)
    db.flush()
    assert row.id is not None
    return row.id


def test_a_series_goes_on_with_its_next_occurrence(database: Database) -> None:
    room = replace(school(database, [5]).rooms[0], database=database)
    fields = {"question": "And today?", "anonymity": "anonymous", "release": "at_close", "when": "repeat",
              "opens_on": "2026-09-07T09:00", "clock_zone": "UTC", "frequency": "daily", "ends": "never"}  # fmt: skip
    number = database.write_now(lambda db: series.begin(db, room.teacher, fields, Schedule.read(fields), K, NOW))
    database.write_now(lambda db: restores.restores.end(db, LATER))
    from reflect.domain import occurrences

    database.write_now(lambda db: occurrences.make_all(db, K, LATER))
    opened = database.write_now(lambda db: openings.open_due(db, K, LATER))
    assert opened == 0
    rows = database.read_now(lambda db: db.exec(select(Checkin).where(Checkin.series_id == number)).all())
    assert all(row.opens_at > LATER for row in rows if row.archived_at is None)
    assert any(row.archived_at is None for row in rows)
    assert database.write_now(lambda db: openings.open_due(db, K, LATER + timedelta(days=1))) == 1


def test_a_week_or_a_period_that_may_have_been_published_is_not_published_again(database: Database) -> None:
    of = school(database, [6])
    room = replace(of.rooms[0], database=database)
    named = room.open("named")
    for student in room.students:
        room.answer(student, named, "calm")
    for student in room.students[:3]:
        database.write_now(lambda db, student=student: talks.ask(db, student, Wish(None, "", False), NOW))
    ended = database.write_now(lambda db: restores.restores.end(db, LATER))
    assert ended.weeks == 1
    assert of.publish(K, LATER) == 0
    assert of.rows() == []
    assert all(row.asked == 0 for row in database.read_now(lambda db: db.exec(select(TalkPeriod)).all()))
    # What comes after is told as ever.
    later = LATER + timedelta(days=7)
    for student in room.students[3:]:
        database.write_now(lambda db, student=student: talks.ask(db, student, Wish(None, "", False), later))
    of.publish(K, later + timedelta(days=14))
    assert [row.asked for row in database.read_now(lambda db: db.exec(select(TalkPeriod)).all()) if row.asked] == [3]


def test_a_week_that_is_not_over_is_published_once_as_ever(database: Database) -> None:
    of = school(database, [6])
    room = replace(of.rooms[0], database=database)
    named = room.open("named")
    for student in room.students:
        room.answer(student, named, "calm")
    assert database.write_now(lambda db: restores.restores.end(db, NOW + timedelta(days=1))).weeks == 0
    assert of.publish(K, LATER) == 1
    assert database.read_now(lambda db: answers.tally(db, named)) == {"calm": 6}
