from datetime import date

from reflect.web.months import months

ENTRIES = [(date(2026, 9, 1), "calm"), (date(2026, 9, 1), "sad"), (date(2026, 11, 30), "happy")]


def test_months_with_entries_come_newest_first() -> None:
    assert [month.title for month in months(ENTRIES, "en")] == ["November 2026", "September 2026"]


def test_each_entry_stands_on_its_day_and_only_once() -> None:
    for month in months(ENTRIES, "en"):
        for week in month.weeks:
            assert len(week) == 7
            for day in week:
                assert list(day.items) == [item for on, item in ENTRIES if on == day.on and not day.is_outside]


def test_weeks_begin_as_in_the_readers_country() -> None:
    for cldr, first, weekday in (
        ("en_US", "Sunday", 6),
        ("de", "Montag", 0),
        ("fa_IR", "شنبه", 5),
        ("he", "יום ראשון", 6),
        ("en", "Monday", 0),
    ):
        [month, _] = months(ENTRIES, cldr)
        assert month.weekdays[0][2] == first
        assert all(week[0].on.weekday() == weekday for week in month.weeks)


def test_without_entries_there_is_no_month() -> None:
    assert months([], "en") == []


def test_a_month_and_its_weekdays_are_written_as_the_language_writes_them() -> None:
    titles, narrow = {}, {}
    for cldr in ("ja", "es", "ar", "he"):
        (month,) = months([(date(2026, 11, 1), 1)], cldr)
        titles[cldr], narrow[cldr] = month.title, {names[0] for names in month.weekdays}
    assert titles == {"ja": "2026年11月", "es": "noviembre de 2026", "ar": "نوفمبر 2026", "he": "נובמבר 2026"}
    assert all(len(names) == 7 for names in narrow.values())
