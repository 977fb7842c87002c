"""As an attacker with a key: whatever is asked, in whatever order and amid whatever happens, what two readings of
anonymous check-ins tell apart is never fewer than k answers."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import combinations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from sqlmodel import Session

from reflect.domain import graph, warehouse
from reflect.domain.refusals import Refused
from reflect.domain.warehouse import Ids, Place, Row, Window
from reflect.storage import answers
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.registrations import Deployment
from reflect.storage.warehouse import Reach
from tests.classroom import Classroom, classroom
from tests.domain.privacy.test_attacker import assert_steps_of_at_least, moderately
from tests.domain.privacy.worlds import FEELINGS

SIZE = 9
DAYS = [datetime(2026, 9, 7, 8, 30, tzinfo=UTC), datetime(2026, 9, 8, 14, 0, tzinfo=UTC)]
EVER = Window(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
WINDOWS = [
    EVER,
    Window(datetime(2026, 9, 7, tzinfo=UTC), datetime(2026, 9, 8, tzinfo=UTC)),
    Window(datetime(2026, 9, 7, 8, 0, tzinfo=UTC), datetime(2026, 9, 8, 15, 0, tzinfo=UTC)),
    Window(datetime(2026, 9, 7, 8, 31, tzinfo=UTC), datetime(2026, 9, 7, 9, 0, tzinfo=UTC)),
    Window(datetime(2026, 9, 8, tzinfo=UTC), datetime(2026, 9, 8, tzinfo=UTC) + timedelta(microseconds=1)),
]
IDS = Ids(b"k" * 32)

Step = tuple[str, int, int, int]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.sampled_from([0, 0, 1]), st.integers(0, SIZE - 1), st.integers(0, 2)),
        st.tuples(st.just("page"), st.integers(0, 1), st.integers(1, 4), st.sampled_from([0, 0, 0, 1, 2, 3, 4])),
        st.tuples(st.just("close"), st.integers(0, 1), st.just(0), st.just(0)),
    ),
    min_size=10,
    max_size=60,
)


@dataclass
class Reading:
    """One attacker's way through the pages of a window."""

    window: Window
    end: Place | None = None
    rows: list[Row] = field(default_factory=list)


@dataclass
class Attack:
    """Readers who turn pages while a class answers two anonymous check-ins."""

    room: Classroom
    checkin_ids: list[int]
    readings: dict[int, Reading] = field(default_factory=dict)
    read: list[Reading] = field(default_factory=list)
    counted: list[tuple[Window, int]] = field(default_factory=list)
    states: dict[int, list[dict[str, int]]] = field(default_factory=dict)

    @cached_property
    def reach(self) -> Reach:
        """All of this class, and nothing of others that lie in the same database."""

        def of_class(db: Session) -> Reach:
            deployment = db.get_one(Deployment, db.get_one(Course, self.room.course_id).deployment_id)
            return Reach(reads_anonymous=True, reads_named=True, registration_id=deployment.registration_id)

        return self.room.database.read_now(of_class)

    def look(self) -> None:
        """Remember what stands in the tables, for comparison."""
        for checkin_id in self.checkin_ids:
            totals = self.room.database.read_now(lambda db, it=checkin_id: answers.tally(db, it))
            self.states.setdefault(checkin_id, []).append(totals)

    def step(self, what: str, one: int, two: int, three: int) -> None:
        """Answer, close, or let one of the readers turn a page."""
        try:
            if what == "answer":
                day = DAYS[one] + timedelta(hours=1)
                self.room.answer(self.room.students[two], self.checkin_ids[one], FEELINGS[three], day)
            elif what == "close":
                self.room.close(self.checkin_ids[one], DAYS[one] + timedelta(hours=2))
            else:
                self.turn(one, two, WINDOWS[three])
        except Refused as refusal:
            assert refusal.code == "checkin_closed"
        self.look()

    def turn(self, reader: int, most: int, window: Window) -> bool:
        """Read on, or begin; whether that was the end."""
        here = self.readings.setdefault(reader, Reading(window))
        found = self.room.database.read_now(
            lambda db: (
                warehouse.read(db, self.reach, here.window, IDS, most, here.end),
                warehouse.count(db, self.reach, here.window),
            )
        )
        page, count = found
        assert len(page.rows) <= most and page.named == []
        here.rows += page.rows
        here.end = page.end
        self.counted.append((here.window, count))
        if page.end is None:
            self.read.append(self.readings.pop(reader))
        return page.end is None

    def finish(self) -> None:
        """Let every reader come to the end, and one begin anew."""
        for reader in [*self.readings, 99]:
            while not self.turn(reader, 4, EVER):
                pass


def told(rows: list[Row], checkin_id: int) -> dict[str, int]:
    """What rows tell of a check-in, in Graph's words."""
    return dict(Counter(f"{row.emotion} {row.feedback}" for row in rows if row.checkin_id == checkin_id))


def in_graphs_words(totals: dict[str, int]) -> dict[str, int]:
    """A state of the tables in the same words."""
    found = Counter[str]()
    for choice, count in totals.items():
        found[" ".join(graph.told("words_core", choice))] += count
    return dict(found)


def has_day_of(window: Window, checkin: int) -> bool:
    """Whether a window has the midnight that a check-in's answers bear, said anew."""
    return window.since <= datetime(2026, 9, 7 + checkin, tzinfo=UTC) < window.before


@moderately
@given(k=st.integers(3, 5), release=st.sampled_from(["in_steps", "at_close"]), script=steps)
def test_no_two_readings_differ_by_fewer_than_k_answers(
    database: Database, k: int, release: str, script: list[Step]
) -> None:
    room = classroom(database, SIZE)
    checkin_ids = [room.open("anonymous", release, k, now=day, question=f"{day}?") for day in DAYS]
    attack = Attack(room, checkin_ids)
    attack.look()
    for step in script:
        attack.step(*step)
    attack.finish()
    for place, checkin_id in enumerate(checkin_ids):
        states = [in_graphs_words(state) for state in attack.states[checkin_id]]
        found = [told(it.rows, checkin_id) for it in attack.read if has_day_of(it.window, place)]
        assert all(one in states for one in found), "every reading is a state that was"
        for one, other in combinations(sorted(found, key=lambda totals: sum(totals.values())), 2):
            assert_steps_of_at_least(k, [one, other])
        outside = [it for it in attack.read if not has_day_of(it.window, place)]
        assert not any(row.checkin_id == checkin_id for it in outside for row in it.rows)
    for one, other in combinations(attack.counted, 2):
        if one[0] == other[0]:
            assert abs(one[1] - other[1]) == 0 or abs(one[1] - other[1]) >= k
    assert all(count == 0 or count >= k for _, count in attack.counted)
    event(f"{release}, most told: {max(len(it.rows) for it in attack.read)}")


@moderately
@given(script=steps)
def test_neither_ids_nor_order_nor_moments_tell_who_or_when(database: Database, script: list[Step]) -> None:
    room = classroom(database, SIZE)
    attack = Attack(room, [room.open("anonymous", "in_steps", 3, now=day, question=f"{day}?") for day in DAYS])
    for step in script:
        attack.step(*step)
    attack.finish()
    before: set[str] = set()
    for reading in attack.read:
        ids = [(row.checkin_id, row.id) for row in reading.rows]
        assert ids == sorted(ids), "in the order of what means nothing"
        assert len(set(ids)) == len(ids)
        assert {row.responder_id for row in reading.rows} <= {None}
        assert {row.submitted_at.time().isoformat() for row in reading.rows} <= {"00:00:00"}
        assert {row.created_at for row in reading.rows} <= set(DAYS)
        before |= {row.id for row in reading.rows}
    last = {row.id for row in attack.read[-1].rows}
    assert before == last, "ids stay what they are"


def test_a_page_that_ends_amid_a_release_goes_on_with_what_it_began_with(database: Database) -> None:
    room = classroom(database, SIZE)
    checkin_id = room.open("anonymous", "in_steps", 3, now=DAYS[0])
    attack = Attack(room, [checkin_id])
    for number, student in enumerate(room.students):
        if number == 3:
            attack.turn(0, 2, EVER)
        room.answer(student, checkin_id, FEELINGS[number % 3])
    while attack.readings:
        attack.turn(0, 2, EVER)
    assert len(attack.read[0].rows) == 3
    attack.finish()
    assert len(attack.read[1].rows) == 9


@pytest.mark.parametrize("ends", [3, 4])
def test_a_page_that_ends_between_two_checkins_never_comes_back_to_the_first(database: Database, ends: int) -> None:
    room = classroom(database, SIZE)
    first, second = (room.open("anonymous", "in_steps", 3, now=day, question=f"{day}?") for day in DAYS)
    for number in range(3):
        for checkin_id in (first, second):
            room.answer(room.students[number], checkin_id, FEELINGS[number])
    attack = Attack(room, [first, second])
    attack.turn(0, ends, EVER)
    for number in range(3, 6):
        room.answer(room.students[number], first, FEELINGS[number % 3])
    while attack.readings:
        attack.turn(0, 2, EVER)
    assert Counter(row.checkin_id for row in attack.read[0].rows) == {first: 3, second: 3}
