"""Whoever reads everything that leaders can fetch, after every step of a school's weeks, and knows who was asked what."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from reflect.domain import leaders, lifecycle, reflections
from reflect.domain.admins import Administrator
from reflect.domain.checkins import FORM
from reflect.domain.insights.feelings import band_of, place
from reflect.domain.leaders import Week
from reflect.domain.privacy import retention
from reflect.domain.privacy.publication import week_of
from reflect.domain.refusals import Missing, Refused
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom
from tests.domain.privacy.weeks import BANDS, Part, Published, certain
from tests.domain.school import ALWAYS, LEADER, School, school

K = 3
DAY = timedelta(days=1)
Cell = tuple[int, date]
"""A course's week."""
CHOICES = tuple(BANDS)

SIZES = (5, 4)
"""People in the two courses."""
courses, people, checkins = st.integers(0, 1), st.integers(0, 4), st.integers(0, 2)
choices = st.sampled_from(CHOICES[:1] * 2 + CHOICES)
"""Many agree: those are hard to hide."""
others = st.one_of(
    st.tuples(st.just("close"), courses, checkins),
    st.tuples(st.just("delete"), courses, checkins),
    st.tuples(st.just("reopen"), courses, checkins),
    st.tuples(st.just("erase"), courses, people),
    st.tuples(st.just("wait"), st.sampled_from([1, 3, 7, 11, 30])),
    st.tuples(st.just("answer"), courses, people, checkins, choices),
)


@st.composite
def scripts(draw: st.DrawFn) -> list[Any]:
    """Weeks in which most people answer most things, with whatever else may happen in between and after."""
    steps: list[Any] = []
    for _ in range(draw(st.integers(1, 2))):
        for course in (0, 1):
            number = sum(step[:2] == ("open", course) for step in steps)
            kinds = draw(st.lists(st.sampled_from(["named", "at_close", "in_steps"]), min_size=1, max_size=2))
            steps += [("open", course, kind) for kind in kinds]
            for asked in range(number, number + len(kinds)):
                said = draw(st.lists(choices | choices | st.none(), min_size=SIZES[course], max_size=SIZES[course]))
                steps += [("answer", course, person, asked, choice) for person, choice in enumerate(said) if choice]
                if draw(st.booleans()):
                    steps.append(("close", course, asked))
        if draw(st.booleans()):
            steps.insert(draw(st.integers(0, len(steps))), draw(others))
        steps.append(("wait", draw(st.sampled_from([7, 11, 40]))))
        steps += draw(st.lists(others, max_size=4))
    return steps


@dataclass
class Truth:
    """What was said of one check-in, in the order in which it was first said."""

    checkin_id: int
    kind: str
    week_on: date
    said: dict[int, str] = field(default_factory=dict)


@dataclass
class Sight:
    """Everything that a leader can fetch."""

    site: Mapping[date, Week]
    cells: Mapping[Cell, Week]
    listed: Mapping[int, tuple[int, float]]


@dataclass
class Play:
    """A school under attack."""

    found: School
    reader: Administrator
    now: datetime = NOW
    put: dict[int, list[Truth]] = field(default_factory=lambda: defaultdict(list))
    frozen: dict[Cell, list[Part]] = field(default_factory=dict)
    """What was true when a week was published."""

    def run(self, steps: Sequence[Any]) -> list[Sight]:
        """Do the steps, each followed by a round of the background and a look."""
        sights = [self.look()]
        for step in (*steps, ("wait", 40)):
            getattr(self, step[0])(*step[1:])
            self.publish()
            sights.append(self.look())
        return sights

    def room(self, course: int) -> Classroom:
        """A course."""
        return self.found.rooms[course]

    def open(self, course: int, kind: str) -> None:
        """Put a question."""
        room = self.room(course)
        fields = {"anonymity": "named"} if kind == "named" else {"release": kind}
        fields |= {FORM: "words_full", "question": f"How was part {len(self.put[course])}?"}
        checkin_id = room.open(**fields, k=K, now=self.now)  # type: ignore[arg-type]
        self.put[course].append(Truth(checkin_id, kind, week_of(self.now)))

    def answer(self, course: int, person: int, number: int, choice: str) -> None:
        """Let somebody answer, or change their answer, if they can."""
        room, truth = self.room(course), self._put(course, number)
        if truth is None or person >= len(room.students):
            return
        viewer = room.students[person]
        try:
            room.answer(viewer, truth.checkin_id, choice, now=self.now)
        except Refused:
            return
        if truth.kind == "named" or viewer.person_id not in truth.said:
            truth.said[viewer.person_id] = choice

    def close(self, course: int, number: int) -> None:
        """Close a check-in."""
        if (truth := self._put(course, number)) is not None:
            self.room(course).close(truth.checkin_id, self.now)

    def reopen(self, course: int, number: int) -> None:
        """Open a closed check-in again, if it can be."""
        room, truth = self.room(course), self._put(course, number)
        if truth is not None:
            try:
                self.found.database.write_now(
                    lambda db: lifecycle.reopen(db, room.teacher, truth.checkin_id, K, self.now)
                )
            except Refused:
                return

    def delete(self, course: int, number: int) -> None:
        """Delete a check-in, for good."""
        room, truth = self.room(course), self._put(course, number)
        if truth is not None:
            self.put[course].remove(truth)
            self.found.database.write_now(lambda db: lifecycle.remove(db, room.teacher, truth.checkin_id, self.now))
            self.found.database.write_now(lambda db: retention.destroy_deleted(db, self.now + lifecycle.UNDO))

    def erase(self, course: int, person: int) -> None:
        """Let somebody erase their answers of a course."""
        room = self.room(course)
        if person < len(room.students):
            viewer = room.students[person]
            self.found.database.write_now(lambda db: reflections.erase_own(db, viewer))
            for truth in self.put[course]:
                if truth.kind == "named":
                    truth.said.pop(viewer.person_id, None)

    def wait(self, days: int) -> None:
        """Let time pass."""
        self.now += days * DAY

    def publish(self) -> None:
        """A round of the background; remember what was true of what it published."""
        before = {(row.course_id, row.week_on) for row in self.found.rows()}
        self.found.publish(K, self.now)
        for row in self.found.rows():
            if (row.course_id, row.week_on) not in before:
                assert (row.course_id, row.week_on) not in self.frozen, "a week was published twice"
                self.frozen[row.course_id, row.week_on] = self.parts(row.course_id, row.week_on)

    def parts(self, course_id: int, week_on: date) -> list[Part]:
        """The parts of a week as they truly are: people by name, and each anonymous check-in's released answers."""
        course = next(number for number, room in enumerate(self.found.rooms) if room.course_id == course_id)
        told = [truth for truth in self.put[course] if truth.week_on == week_on]
        places: dict[int, list[float]] = defaultdict(list)
        for truth in told:
            for person, choice in truth.said.items() if truth.kind == "named" else ():
                found = place("words_full", choice)
                places[person] += [found[0]] if found else []
        named = {person: str(band_of(sum(at) / len(at))) if at else None for person, at in places.items()}
        return [Part(named, K), *(self._anonymous(truth) for truth in told if truth.kind != "named")]

    def _anonymous(self, truth: Truth) -> Part:
        said = list(truth.said.items())
        if truth.kind == "in_steps" and not self._is_closed(truth):
            said = said[: len(said) - len(said) % K]
        elif truth.kind == "at_close" and not self._is_closed(truth):
            said = []
        return Part(dict(said[:K] if truth.kind == "in_steps" else said), K, is_anonymous=True)

    def _is_closed(self, truth: Truth) -> bool:
        def work(db: Session) -> bool:
            return db.get_one(Checkin, truth.checkin_id).closed_at is not None

        return self.found.database.read_now(work)

    def _put(self, course: int, number: int) -> Truth | None:
        return self.put[course][number] if number < len(self.put[course]) else None

    def look(self) -> Sight:
        """Read everything in one snapshot."""

        def work(db: Session) -> Sight:
            cells: dict[Cell, Week] = {}
            for room in self.found.rooms:
                try:
                    _, found = leaders.course(db, self.reader, room.course_id, ALWAYS)
                except Missing:
                    continue
                cells |= {(room.course_id, week.week_on): replace(week, usual=None) for week in found}
            shelf = leaders.courses(db, self.reader, ALWAYS, "", 1)
            site = {week.week_on: week for week in leaders.weeks(db, self.reader, ALWAYS)}
            return Sight(site, cells, {it.course_id: (it.weeks, it.people * it.weeks) for it in shelf.courses})

        return self.found.database.read_now(work)


def published(week: Week) -> Published:
    """A week's figures as the attacker knows them."""
    pleasant, between, unpleasant = (count for _, count in week.bands)
    return pleasant, between, unpleasant, week.unsaid


def assert_totals_tell_nothing_more(sight: Sight) -> None:
    """Every total is the sum of the cells that can be seen: there is nothing to subtract a small course from."""
    for week_on, total in sight.site.items():
        cells = [cell for (_, on), cell in sight.cells.items() if on == week_on]
        assert total.courses == len(cells)
        assert total.people == sum(cell.people for cell in cells)
        assert published(total) == tuple(sum(column) for column in zip(*map(published, cells), strict=True))
    assert {on for _, on in sight.cells} == set(sight.site)
    for course_id, (weeks, people) in sight.listed.items():
        own = [cell for (number, _), cell in sight.cells.items() if number == course_id]
        assert (weeks, round(people)) == (len(own), sum(cell.people for cell in own))
    assert set(sight.listed) == {course_id for course_id, _ in sight.cells}


def assert_states_differ_by_whole_weeks(sights: Sequence[Sight]) -> None:
    """A cell never changes while it is there, and has at least k people: so two states differ by 0 or at least k."""
    seen: dict[Cell, Week] = {}
    gone: set[Cell] = set()
    for before, after in pairwise(sights):
        gone |= before.cells.keys() - after.cells.keys()
        for cell, week in after.cells.items():
            assert cell not in gone, "what was taken back has come back"
            assert week.people >= K
            assert seen.setdefault(cell, week) == week
            assert sum(published(week)) == 0 or sum(published(week)) >= K


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=scripts())
def test_leaders_are_certain_of_nobody_and_no_two_states_differ_by_few(database: Database, steps: list[Any]) -> None:
    found = school(database, SIZES, shared=2)
    # Schools of other examples are in this database too.
    play = Play(found, replace(LEADER, registration_id=found.registration_id()))
    sights = play.run(steps)
    assert_states_differ_by_whole_weeks(sights)
    for sight in sights:
        assert_totals_tell_nothing_more(sight)
    for cell, parts in play.frozen.items():
        week = next(sight.cells[cell] for sight in sights if cell in sight.cells)
        assert list(certain([part for part in parts if part.said], published(week))) == []
    event(f"published weeks: {len(play.frozen)}")
    event(f"taken back: {bool(play.frozen.keys() - sights[-1].cells.keys())}")
