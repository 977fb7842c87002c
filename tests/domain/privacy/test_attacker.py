"""Whoever reads everything that is published, and everything that is stored readably, after every step."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, select

from reflect.domain import answers as domain_answers
from reflect.domain.answers import Outcome
from reflect.domain.privacy.release import UNSAID
from reflect.domain.refusals import Refused
from reflect.domain.results import Results
from reflect.domain.sessions import Viewer
from reflect.storage.answers import Answer, Participation, SealedAnswer, Tally
from reflect.storage.class_totals import ClassTotal
from reflect.storage.database import Database
from tests.classroom import NOW, SEALER, Classroom, classroom, preview_of
from tests.domain.privacy.worlds import FEELINGS, batches_in, certainties, consistent

SIZE = 7
COUNTED_NOWHERE = -1
CLOSE = "close"

Step = tuple[int, str] | str
"""Who answers what (-1: somebody in preview), or the close."""

people = st.integers(COUNTED_NOWHERE, SIZE - 1)
tries = st.lists(st.tuples(people, st.sampled_from(FEELINGS)), max_size=14)
alike = st.lists(st.tuples(people, st.sampled_from(FEELINGS[:1] * 4 + FEELINGS)), max_size=14)
"""Classes that nearly agree: the ones that are hard to hide."""
moderately = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@st.composite
def scripts(draw: st.DrawFn) -> list[Step]:
    """Random answers, second tries and previews, with a close at a random moment, or never, or answered after."""
    steps: list[Step] = list(draw(tries | alike))
    if draw(st.booleans()):
        steps.insert(draw(st.integers(0, len(steps))), CLOSE)
    return [*steps, CLOSE] if draw(st.booleans()) else steps


@dataclass(frozen=True)
class Sight:
    """Everything that can be read of a check-in at one moment."""

    staff: Results
    for_class: Results | None
    checkin: Any
    answers: list[Answer]
    participants: set[int]
    tally: list[Tally]
    class_total: list[ClassTotal]
    seals: list[SealedAnswer]

    @property
    def totals(self) -> dict[str, int]:
        """The readable roll-up."""
        return _summed(self.tally)


@dataclass
class Play:
    """One check-in under attack."""

    room: Classroom
    checkin_id: int
    k: int
    sights: list[tuple[int, Sight]] = field(default_factory=list)
    given: dict[int, str] = field(default_factory=dict)
    """What each person's answer is, in the order in which they first answered."""

    def run(self, steps: Sequence[Step]) -> None:
        """Do the steps, and look after each."""
        self.look()
        for step in steps:
            if isinstance(step, str):
                self.room.close(self.checkin_id)
            else:
                self.answer(*step)
            self.look()

    def answer(self, person: int, emotion: str) -> None:
        """Let somebody answer, and remember what counts."""
        viewer = preview_of(self.room.teacher) if person == COUNTED_NOWHERE else self.room.students[person]
        try:
            outcome = self.room.answer(viewer, self.checkin_id, emotion)
        except Refused as refusal:
            assert refusal.code == "checkin_closed"
            assert self.sights[-1][1].checkin.closed_at
            return
        assert (outcome == Outcome.NOT_KEPT) == (person == COUNTED_NOWHERE)
        if outcome == Outcome.GIVEN:
            self.given[person] = emotion

    def look(self) -> None:
        """Read everything in one snapshot."""
        self.sights.append((len(self.given), sight_of(self.room, self.checkin_id)))

    @property
    def last(self) -> Sight:
        """What can be read now."""
        return self.sights[-1][1]

    @property
    def world(self) -> tuple[str, ...]:
        """The truth."""
        return tuple(self.given.values())


def sight_of(room: Classroom, checkin_id: int) -> Sight:
    """Everything that can be read."""

    def rows(db: Session, table: Any) -> list[Any]:
        return list(db.exec(select(table).where(table.checkin_id == checkin_id)).all())

    def work(db: Session) -> tuple[Any, ...]:
        took_part = {row.person_id for row in rows(db, Participation)}
        return rows(db, Answer), took_part, rows(db, Tally), rows(db, ClassTotal), rows(db, SealedAnswer)

    seen = room.for_staff(checkin_id), room.for_class(checkin_id), room.checkin(checkin_id)
    return Sight(*seen, *room.database.read_now(work))


def shown(results: Results | None) -> dict[str, int]:
    """A result as totals."""
    if results is None:
        return {}
    totals = {bar.choice: bar.count for bar in results.bars} | {UNSAID: results.unsaid}
    return {key: count for key, count in totals.items() if count}


def assert_steps_of_at_least(k: int, states: Sequence[Mapping[str, int]]) -> None:
    """Nothing below k; any two states differ by no answer or by at least k."""
    for later in range(len(states)):
        assert sum(states[later].values()) == 0 or sum(states[later].values()) >= k
        for earlier in range(later):
            difference = Counter(states[later])
            difference.subtract(states[earlier])
            assert min(difference.values(), default=0) >= 0
            assert difference.total() == 0 or difference.total() >= k


def assert_nobody_is_certain(truth: tuple[str, ...], states: Sequence[tuple[int, Mapping[str, int]]]) -> None:
    """Reason over all worlds. What was read later includes what was read before, so the end is the worst moment."""
    worlds = consistent(len(truth), batches_in(states))
    assert truth in worlds, "the attacker's idea of the rule is not the rule"
    assert not list(certainties(len(truth), worlds, truth))


@moderately
@given(k=st.integers(3, 5), release=st.sampled_from(["in_steps", "at_close"]), steps=scripts())
def test_an_anonymous_checkin_tells_nobody_what_somebody_answered(
    database: Database, k: int, release: str, steps: list[Step]
) -> None:
    room = classroom(database, SIZE)
    play = Play(room, room.open("anonymous", release, k), k)
    play.run(steps)
    states = [(answered, sight.totals) for answered, sight in play.sights]
    assert_steps_of_at_least(k, [totals for _, totals in states])
    assert_nobody_is_certain(play.world, states)
    for answered, sight in play.sights:
        assert_consistent(sight, answered)
        if release == "at_close" and sight.checkin.closed_at is None:
            assert not sight.tally
    event(f"{release}, batches: {len(batches_in(states))}")


def assert_consistent(sight: Sight, answered: int) -> None:
    """All readers read the one released state, and every answer is somewhere exactly once."""
    assert shown(sight.staff) == sight.totals
    assert shown(sight.for_class) == sight.totals
    assert sight.answers == []
    assert sight.class_total == []
    assert sight.staff.people == ()
    assert sight.staff.answered == len(sight.participants) == answered
    assert sum(sight.totals.values()) + len(sight.seals) + sight.checkin.withheld == answered
    assert sight.staff.waiting == len(sight.seals)
    assert {row.on_day for row in sight.tally} <= {NOW.date()}
    assert len({len(row.seal) for row in sight.seals}) <= 1
    assert {len(row.random_key) for row in sight.seals} <= {16}
    if sight.checkin.closed_at:
        assert sight.seals == []


@moderately
@given(k=st.integers(3, 5), steps=scripts())
def test_classmates_of_a_named_checkin_are_certain_of_nobody(database: Database, k: int, steps: list[Step]) -> None:
    room = classroom(database, SIZE)
    play = Play(room, room.open("named", "at_close", k), k)
    play.run(steps)
    states = [(answered, shown(sight.for_class)) for answered, sight in play.sights]
    assert_steps_of_at_least(k, [totals for _, totals in states])
    assert_nobody_is_certain(play.world, states)
    for answered, sight in play.sights:
        assert sight.seals == []
        assert sight.participants == set()
        assert shown(sight.for_class) == _summed(sight.class_total)
        assert sight.for_class is None or sight.checkin.closed_at
        assert sight.staff.answered == len(sight.answers) == answered
        assert +Counter(sight.totals) == Counter(row.choice for row in sight.answers) == Counter(shown(sight.staff))


def _summed(rows: Sequence[Tally | ClassTotal]) -> dict[str, int]:
    totals = Counter[str]()
    for row in rows:
        totals[row.choice] += row.count
    return dict(totals)


@pytest.mark.parametrize("release", ["in_steps", "at_close"])
@pytest.mark.parametrize("aside", [0, 1, 2])
def test_unanimity_and_all_but_one_are_never_readable_as_such(database: Database, release: str, aside: int) -> None:
    room = classroom(database, 5)
    checkin_id = room.open(release=release, k=5)
    for number, student in enumerate(room.students):
        room.answer(student, checkin_id, "tired" if number < aside else "calm")
    room.close(checkin_id)
    sight = sight_of(room, checkin_id)
    assert sight.totals == {"calm": 3, UNSAID: 2}
    assert sight.staff.is_nearly_everyone


@pytest.mark.parametrize("aside", [0, 1, 2])
def test_classmates_of_a_named_checkin_cannot_read_unanimity(database: Database, aside: int) -> None:
    room = classroom(database, 5)
    checkin_id = room.open("named", k=5)
    for number, student in enumerate(room.students):
        room.answer(student, checkin_id, "tired" if number < aside else "calm")
    room.close(checkin_id)
    assert shown(room.for_class(checkin_id)) == {"calm": 3, UNSAID: 2}


@pytest.mark.parametrize("anonymity", ["anonymous", "named"])
def test_previews_and_test_users_are_counted_nowhere(database: Database, anonymity: str) -> None:
    room = classroom(database, 3)
    checkin_id = room.open(anonymity, "in_steps", 3)
    for viewer in (preview_of(room.teacher), preview_of(room.students[0])) * 3:
        assert room.answer(viewer, checkin_id, "calm") == Outcome.NOT_KEPT
    before = sight_of(room, checkin_id)
    assert (before.answers, before.participants, before.tally, before.seals) == ([], set(), [], [])
    assert (before.staff.answered, before.checkin.version) == (0, 0)
    room.close(checkin_id)
    after = sight_of(room, checkin_id)
    assert (after.tally, after.class_total, after.checkin.withheld) == ([], [], 0)
    assert own(room, preview_of(room.students[0]), checkin_id) == domain_answers.OwnAnswer(False, None)


def own(room: Classroom, viewer: Viewer, checkin_id: int) -> domain_answers.OwnAnswer:
    """What somebody may know of their own answer."""
    return room.database.read_now(lambda db: domain_answers.own(db, viewer, room.checkin(checkin_id)))


def test_no_readable_column_holds_an_answer_before_its_release(database: Database) -> None:
    room = classroom(database, 4)
    checkin_id = room.open(k=5)
    for student in room.students:
        room.answer(student, checkin_id, "frustrated")
    tables = database.read_now(lambda db: dump(db))
    assert "frustrated" not in tables
    opened = [SEALER.open(checkin_id, bytes(row.seal)).choice for row in sight_of(room, checkin_id).seals]
    assert opened == ["frustrated"] * 4


def dump(db: Session) -> str:
    """Every row of every table as text."""
    names = [table.name for table in Answer.metadata.sorted_tables]
    return "\n".join(str(row) for name in names for row in db.connection().execute(text(f"SELECT * FROM {name}")))
