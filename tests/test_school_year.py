"""A year of a school: every view that counts, against a recount of what the generator did.

600 students in 40 courses give about 80,000 answers. Named answers are recounted one by one. Of anonymous ones chance
decides what is set aside, so they are held between bounds, and each view against the results page.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from reflect.domain import exports, reflections, weeks
from reflect.domain.exports import Exported
from reflect.domain.insights import courses as insights
from reflect.domain.insights.courses import Wish
from reflect.domain.insights.feelings import Band, asks_for_a_feeling, band_of, place
from reflect.domain.privacy.publication import week_of
from reflect.domain.privacy.verification import verify
from reflect.domain.warehouse import Window
from reflect.storage import warehouse
from reflect.storage.database import Database
from reflect.storage.warehouse import Reach
from reflect.storage.weeks import PublishedWeek, SiteWeek
from tests.conftest import fresh_database
from tests.school import FIRST_MONDAY, Given, Room, School, school
from tests.school import K as SMALLEST

pytestmark = pytest.mark.slow

SIZES = {"sqlite": (600, 40, 36), "postgresql": (120, 8, 9)}
"""Students, courses and weeks: the whole school on one database, a corner of it on the other."""


@pytest.fixture(scope="module")
def year(backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[School]:
    """The school after its year, its weeks published."""
    database = Database(fresh_database(backend, tmp_path_factory.mktemp("school"), request))
    made = school(database, *SIZES[backend])
    later = made.ends_at
    database.write_now(lambda db: [weeks.publish(db, due, SMALLEST, later) for due in weeks.due(db, later)])
    yield made
    database.close()


@pytest.fixture(scope="module")
def shown(year: School) -> dict[int, Exported]:
    """What staff see of each check-in."""
    found = {}
    for room in year.rooms:
        for it in year.database.read_now(lambda db, viewer=room.teacher: exports.of_course(db, viewer)):
            found[it.checkin.id] = it
    return found


@pytest.fixture(scope="module")
def given(year: School) -> Mapping[int, list[Given]]:
    """What was answered, by check-in."""
    found: dict[int, list[Given]] = defaultdict(list)
    for one in year.given:
        found[one.asked.id].append(one)
    return found


def bars(it: Exported) -> Counter[str]:
    """What a results page shows."""
    return Counter({bar.choice: bar.count for bar in it.results.bars if bar.count})


def test_the_year_has_the_size_that_it_should(year: School, backend: str) -> None:
    if backend == "sqlite":
        assert 75_000 < len(year.given) < 90_000
    assert len(year.asked) == SIZES[backend][1] * SIZES[backend][2] * 2


def test_results_of_named_checkins_are_exact(
    year: School, shown: Mapping[int, Exported], given: Mapping[int, list[Given]]
) -> None:
    for asked in year.asked:
        if asked.is_anonymous:
            continue
        it = shown[asked.id]
        assert bars(it) == Counter(one.choice for one in given[asked.id])
        assert {(person.person_id, person.choice) for person in it.results.people} == {
            (one.person_id, one.choice) for one in given[asked.id]
        }
        assert it.results.answered == len(given[asked.id])


def test_results_of_anonymous_checkins_are_as_true_as_they_may_be(
    year: School, shown: Mapping[int, Exported], given: Mapping[int, list[Given]]
) -> None:
    for asked in year.asked:
        if not asked.is_anonymous:
            continue
        results, truth = shown[asked.id].results, Counter(one.choice for one in given[asked.id])
        assert results.people == results.awaited == ()
        assert results.answered == truth.total()
        assert bars(shown[asked.id]).total() + results.unsaid + results.withheld == truth.total()
        assert bars(shown[asked.id]) <= truth
        assert bars(shown[asked.id]).total() in {0, *range(SMALLEST - 2, truth.total() + 1)}


def expected_pictures(year: School, room: Room, shown: Mapping[int, Exported]) -> dict[date, Counter[tuple[str, str]]]:
    """By week, what a course's insights should count: named answers by their day, anonymous ones by that of asking."""
    found: dict[date, Counter[tuple[str, str]]] = defaultdict(Counter)
    for one in year.given:
        if one.asked.course == room.course_id and not one.asked.is_anonymous and asks_for_a_feeling(one.asked.form):
            found[week_of(one.at)][one.asked.form, one.choice] += 1
    for asked in year.asked:
        if asked.course == room.course_id and asked.is_anonymous and asks_for_a_feeling(asked.form):
            for choice, count in bars(shown[asked.id]).items():
                found[week_of(asked.opened_at)][asked.form, choice] += count
    return found


def test_insights_of_each_course_are_its_answers(year: School, shown: Mapping[int, Exported]) -> None:
    now = FIRST_MONDAY + timedelta(weeks=40)
    wish = Wish.read({"weeks": "52", "by": "week", "clock_zone": "UTC"})
    for room in year.rooms:
        found = year.database.read_now(lambda db, it=room: insights.of_course(db, it.teacher, wish, SMALLEST, now))
        expected = expected_pictures(year, room, shown)
        for part in found.parts:
            told = Counter({key: count for key, count in part.picture.choices.items() if place(*key)})
            truth = Counter({key: n for key, n in expected.get(part.span.first, Counter()).items() if place(*key)})
            assert told == truth, (room.course_id, part.span)
        asked = [one for one in year.asked if one.course == room.course_id]
        assert found.turnout.checkins == len(asked)
        assert found.turnout.answered == sum(one.asked.course == room.course_id for one in year.given)
        assert found.turnout.expected == len(asked) * len(room.students)


def test_what_students_find_of_themselves_is_what_they_gave(year: School) -> None:
    for room in year.rooms[::7]:
        for student in room.students[::5]:
            found = year.database.read_now(
                lambda db, course=room.course_id, it=student: reflections.of_person(db, course, it.person_id)
            )
            own = [
                one for one in year.given if one.asked.course == room.course_id and one.person_id == student.person_id
            ]
            assert Counter((it.checkin_id, it.choice) for it in found.named) == Counter(
                (one.asked.id, one.choice) for one in own if not one.asked.is_anonymous
            )
            assert found.anonymous == sum(one.asked.is_anonymous for one in own)


def rows_of(year: School, table: Any) -> list[Any]:
    """All rows of a table."""
    return list(year.database.read_now(lambda db: db.scalars(select(table)).all()))


def test_the_weeks_that_leaders_read_are_recounted(
    year: School, shown: Mapping[int, Exported], given: Mapping[int, list[Given]]
) -> None:
    by_week = defaultdict(list)
    for asked in year.asked:
        by_week[asked.course, week_of(asked.opened_at)].append(asked)
    rows = rows_of(year, PublishedWeek)
    assert {(row.course_id, row.week_on) for row in rows} == set(by_week)
    for row in rows:
        checkins = by_week[row.course_id, row.week_on]
        assert row.people == len({one.person_id for asked in checkins for one in given[asked.id]})
        said: dict[int, list[float]] = defaultdict(list)
        parts = 0
        for asked in checkins:
            if not asks_for_a_feeling(asked.form):
                continue
            if asked.is_anonymous:
                parts += bars(shown[asked.id]).total() + shown[asked.id].results.unsaid
                continue
            for one in given[asked.id]:
                said[one.person_id] += [found[0]] if (found := place(asked.form, one.choice)) else []
        truth = Counter(band_of(sum(values) / len(values)) for values in said.values() if values)
        if len(said) < SMALLEST:
            said.clear()
        assert row.named == len(said)
        assert row.pleasant + row.in_between + row.unpleasant + row.unsaid == len(said) + parts
        if not parts:
            told = {Band.PLEASANT: row.pleasant, Band.BETWEEN: row.in_between, Band.UNPLEASANT: row.unpleasant}
            assert Counter(told) <= truth


def test_the_institutions_weeks_are_the_sums_of_its_courses(year: School) -> None:
    names = ("people", "students", "pleasant", "in_between", "unpleasant", "unsaid")
    sums: dict[date, Counter[str]] = defaultdict(Counter)
    for row in rows_of(year, PublishedWeek):
        sums[row.week_on].update({name: getattr(row, name) for name in names} | {"courses": 1})
    for row in rows_of(year, SiteWeek):
        assert sums.pop(row.week_on) == {name: getattr(row, name) for name in (*names, "courses")}
    assert not sums


def test_the_warehouse_counts_what_was_released(year: School, shown: Mapping[int, Exported]) -> None:
    window = Window(datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    reach = Reach(reads_anonymous=True, reads_named=True, registration_id=None)
    counted = year.database.read_now(lambda db: warehouse.count(db, reach, window.since, window.before, window.days))
    # No key that reads by name was there when these were opened, so none of the named ones may be counted.
    released = [it for it in shown.values() if it.checkin.is_anonymous]
    assert counted == sum(bars(it).total() + it.results.unsaid for it in released)


def test_no_join_leads_from_an_anonymous_answer_to_a_person(year: School) -> None:
    assert [proof.claim for proof in year.database.read_now(verify) if not proof.holds] == []
