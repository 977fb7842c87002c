from datetime import UTC, datetime

import pytest

from reflect.domain.periods import FIELDS, Period, Periods
from reflect.domain.refusals import FormRefused

EVENING = {"available_from": "2026-07-01T20:00", "zone": "Europe/Berlin"}


def errors(**form: str) -> dict[str, str]:
    with pytest.raises(FormRefused) as refused:
        Periods.read(form)
    return dict(refused.value.errors)


def test_nothing_typed_says_nothing_whatever_the_zone() -> None:
    assert Periods.read({}) == Periods.read({"zone": "Mars/Base", "available_from": " "}) == Periods(None, None)


def test_moments_are_of_the_readers_zone() -> None:
    form = EVENING | {"available_until": "2026-12-01T20:00:30", "submission_until": "2026-11-30T08:00"}
    assert Periods.read(form) == Periods(
        available=Period(datetime(2026, 7, 1, 18, tzinfo=UTC), datetime(2026, 12, 1, 19, 0, 30, tzinfo=UTC)),
        submission=Period(None, datetime(2026, 11, 30, 7, tzinfo=UTC)),
    )


@pytest.mark.parametrize(
    "zone", ["UTC", "", "Asia/Calcutta", "US/Eastern", "Pacific/Chatham", "America/Argentina/Ushuaia"]
)
def test_every_name_that_browsers_use_is_known(zone: str) -> None:
    assert Periods.read(EVENING | {"zone": zone}).available is not None


def test_without_a_zone_it_is_utc() -> None:
    assert Periods.read({"submission_from": "2026-07-01T20:00"}).submission == Period(
        datetime(2026, 7, 1, 20, tzinfo=UTC), None
    )


@pytest.mark.parametrize(
    ("typed", "hour", "minute"),
    [("2026-10-25T02:30", 0, 30), ("2026-03-29T02:30", 1, 30)],
)
def test_hours_that_come_twice_or_never_are_taken_as_the_clock_before(typed: str, hour: int, minute: int) -> None:
    period = Periods.read({"available_from": typed, "zone": "Europe/Berlin"}).available
    assert period is not None and period.starts_at is not None
    assert (period.starts_at.hour, period.starts_at.minute) == (hour, minute)


@pytest.mark.parametrize(
    "typed",
    ["tomorrow", "2026-07-01", "20:00", "2026-07-01 20:00", "2026-07-01T20:00Z", "2026-07-01T20:00+02:00", "2026-02-30T20:00",
     "2026-07-01T25:00", "1999-12-31T23:59", "2101-01-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59", "20260701T200000",
     "２０２６-07-01T20:00", "2026-07-01T20:00:00.5", "<b>", "2026-07-01T20:00" * 100],
)  # fmt: skip
@pytest.mark.parametrize("field", FIELDS)
def test_what_is_no_date_with_a_time_is_a_fault_at_its_field(field: str, typed: str) -> None:
    assert errors(**{field: typed, "zone": "Pacific/Kiritimati"}) == {field: "moment"}


@pytest.mark.parametrize("name", ["available", "submission"])
@pytest.mark.parametrize("until", ["2026-07-01T20:00", "2026-07-01T19:59", "2025-07-01T21:00"])
def test_an_end_that_is_not_later_than_the_beginning_is_a_fault(name: str, until: str) -> None:
    assert errors(**{f"{name}_from": "2026-07-01T20:00", f"{name}_until": until}) == {
        f"{name}_until": "period_reversed"
    }


def test_every_fault_is_told() -> None:
    found = errors(available_from="x", submission_from="2026-07-02T20:00", submission_until="2026-07-01T20:00")
    assert found == {"available_from": "moment", "submission_until": "period_reversed"}


@pytest.mark.parametrize(
    "zone", ["Mars/Base", "../../etc/passwd", "/etc/localtime", "Europe", "europe/berlin", "\0", "+02:00"]
)
def test_a_zone_that_there_is_not_is_a_fault(zone: str) -> None:
    assert errors(**EVENING | {"zone": zone}) == {"available_from": "zone"}
