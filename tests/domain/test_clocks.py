from datetime import UTC, datetime, timedelta

import pytest

from reflect.domain.clocks import ALONE, QUIET, WITNESSED, Trust

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


class Machine:
    """A machine whose clock can be set, while time goes on."""

    def __init__(self) -> None:
        self.now, self.passed = NOON, 0.0
        self.trust = Trust(lambda: self.passed)

    def goes_on(self, time: timedelta) -> None:
        self.now += time
        self.passed += time.total_seconds()

    def believes(self, launched_at: datetime | None) -> bool:
        return self.trust.is_confirmed(self.now, launched_at)


@pytest.mark.parametrize(
    ("quiet", "is_believed"), [(0 * HOUR, True), (75 * 24 * HOUR, True), (QUIET + HOUR, False), (10 * YEAR, False)]
)
def test_a_machine_comes_up_after_so_long_without_a_launch(quiet: timedelta, is_believed: bool) -> None:
    assert Machine().believes(NOON - quiet) is is_believed


def test_where_nobody_has_ever_launched_any_clock_will_do() -> None:
    assert Machine().believes(None)


@pytest.mark.parametrize("leap", [2 * HOUR, YEAR, 10 * YEAR])
def test_a_clock_that_leaps_forward_is_not_believed_until_it_is_back(leap: timedelta) -> None:
    machine = Machine()
    assert machine.believes(NOON)
    machine.now += leap
    assert not machine.trust.goes_on(machine.now) and not machine.believes(NOON)
    machine.goes_on(24 * HOUR)
    assert not machine.believes(NOON)
    machine.now -= leap
    assert machine.trust.goes_on(machine.now)


def test_a_launch_after_the_leap_shows_that_the_new_time_is_the_right_one() -> None:
    """So a machine that stood still for a weekend goes on by itself on Monday."""
    machine = Machine()
    assert machine.believes(NOON)
    machine.now += 60 * HOUR
    assert not machine.believes(NOON)
    machine.goes_on(HOUR)
    assert machine.believes(machine.now - HOUR / 2)


@pytest.mark.parametrize("leap", [HOUR, YEAR])
def test_a_clock_that_is_set_back_makes_nothing_due(leap: timedelta) -> None:
    machine = Machine()
    assert machine.believes(NOON)
    machine.now -= leap
    assert machine.believes(NOON)
    machine.goes_on(HOUR)
    assert machine.believes(NOON)


def test_a_machine_that_runs_on_without_any_launch_goes_on_deleting() -> None:
    machine = Machine()
    assert machine.believes(NOON)
    for _ in range(1000):
        machine.goes_on(24 * HOUR)
        assert machine.believes(NOON)


def test_a_clock_that_is_set_forward_bit_by_bit_faster_than_time_is_believed_only_so_far() -> None:
    machine = Machine()
    assert machine.believes(NOON)
    machine.now += HOUR / 2
    assert machine.believes(NOON)
    machine.now += YEAR
    assert not machine.believes(NOON)


def is_steady(machine: Machine, *skews: timedelta) -> bool:
    """Whether it is believed, with platforms whose clocks differ by so much; a launch was too long ago."""
    told = [machine.now + skew for skew in skews]
    return machine.believes(NOON - 10 * YEAR) or machine.trust.is_steady(machine.now, told)


@pytest.mark.parametrize(("skews", "patience"), [((HOUR / 2,), WITNESSED), ((), ALONE)])
def test_nothing_is_kept_for_ever_where_nobody_launches_any_more(skews: tuple[timedelta], patience: timedelta) -> None:
    machine = Machine()
    assert not is_steady(machine, *skews)
    machine.goes_on(patience - HOUR)
    assert not is_steady(machine, *skews)
    machine.goes_on(HOUR)
    assert is_steady(machine, *skews)
    machine.goes_on(24 * HOUR)
    assert machine.trust.goes_on(machine.now)


@pytest.mark.parametrize("skew", [-10 * YEAR, YEAR, 2 * HOUR])
def test_a_platform_that_says_something_else_is_enough_to_doubt_for_ever(skew: timedelta) -> None:
    machine = Machine()
    for _ in range(40):
        assert not is_steady(machine, skew, timedelta())
        machine.goes_on(24 * HOUR)


def test_a_doubted_clock_that_is_set_is_doubted_anew() -> None:
    machine = Machine()
    assert not is_steady(machine)
    machine.goes_on(ALONE - HOUR)
    machine.now += 10 * YEAR
    assert not is_steady(machine)
    machine.goes_on(2 * HOUR)
    assert not is_steady(machine)


def test_after_a_leap_that_no_launch_confirms_time_does() -> None:
    machine = Machine()
    assert machine.believes(NOON)
    machine.now += 60 * HOUR
    assert not is_steady(machine, timedelta())
    machine.goes_on(WITNESSED)
    assert is_steady(machine, timedelta())
