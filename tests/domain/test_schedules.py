"""When a check-in is put, as a form says it."""

from datetime import UTC, date, datetime, time

import pytest

from reflect.domain.recurrence import Rule
from reflect.domain.refusals import FormRefused
from reflect.domain.schedules import Schedule, fields_of, fields_of_length

REPEAT = {"when": "repeat", "opens_on": "2026-09-08T08:00", "clock_zone": "Europe/London"}


def test_nothing_said_is_now_and_closed_by_hand() -> None:
    assert Schedule.read({}) == Schedule("now")


def test_later_is_a_moment_by_the_clock_of_a_zone() -> None:
    form = {**REPEAT, "when": "later", "closes_after": "2", "closes_unit": "hours"}
    assert Schedule.read(form) == Schedule("later", datetime(2026, 9, 8, 7, tzinfo=UTC), 120)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"when": "soon"}, {"when": "choose"}),
        ({"opens_on": ""}, {"opens_on": "moment"}),
        ({"clock_zone": "Moon/Sea"}, {"clock_zone": "zone_unknown"}),
        ({"clock_zone": "../etc/passwd"}, {"clock_zone": "zone_unknown"}),
        ({"closes_after": "0"}, {"closes_after": "number"}),
        ({"closes_after": "61", "closes_unit": "days"}, {"closes_after": "number"}),
        ({"closes_after": "1", "closes_unit": "years"}, {"closes_after": "number"}),
        ({"frequency": "hourly"}, {"frequency": "choose"}),
        ({"frequency": "weekly"}, {"weekdays": "weekdays_missing"}),
        ({"frequency": "every", "every": "-1"}, {"every": "number"}),
        ({"ends": "until", "until_on": "soon"}, {"until_on": "days"}),
        ({"ends": "until", "until_on": "2026-09-07"}, {"until_on": "period_reversed"}),
        ({"ends": "times", "times": "99999"}, {"times": "number"}),
        ({"ends": "sometime"}, {"ends": "choose"}),
        ({"skips": "2026-13-01"}, {"skips": "days"}),
    ],
)
def test_each_field_at_fault_has_its_code(fields: dict[str, str], errors: dict[str, str]) -> None:
    with pytest.raises(FormRefused) as refused:
        Schedule.read({**REPEAT, **fields})
    assert refused.value.errors == errors


@pytest.mark.parametrize(
    "rule",
    [
        Rule("daily", date(2026, 9, 8), time(8), "Europe/London"),
        Rule("weekly", date(2026, 9, 8), time(8, 5), "UTC", 2, frozenset({0, 4}), date(2027, 1, 1)),
        Rule("every", date(2026, 9, 8), time(8), "UTC", 3, times=4, skips=frozenset({date(2026, 9, 11)})),
    ],
)
def test_the_fields_of_a_rule_say_the_same_rule(rule: Rule) -> None:
    found = Schedule.read(fields_of(rule)).rule
    assert found is not None and list(found.days()) == list(rule.days())
    assert (found.at, found.zone, found.until_on, found.times) == (rule.at, rule.zone, rule.until_on, rule.times)


@pytest.mark.parametrize("minutes", [None, 1, 59, 60, 90, 120, 1440, 2880])
def test_the_fields_of_a_length_say_the_same_length(minutes: int | None) -> None:
    assert Schedule.read(fields_of_length(minutes)).closes_after == minutes
