from datetime import UTC, date, datetime

import pytest

from reflect.domain import support
from reflect.domain.refusals import FormRefused, Missing
from reflect.domain.support import DAYS, Presence, Week
from reflect.storage.database import Database
from tests.classroom import NOW

LONDON = {"hours_zone": "Europe/London"}
SCHOOL_DAYS = dict.fromkeys(DAYS[:5], "08:00–12:30, 13:30-16.00")


def there(form: dict[str, str], *moment: int) -> tuple[bool, str]:
    """Whether somebody is there at a moment (UTC), and when that changes by the hours' own clock."""
    found = support.presence(Week.read(form), datetime(*moment, tzinfo=UTC))  # type: ignore[misc,arg-type]
    return found.is_there, f"{found.changes_at:%a %d %H:%M}" if found.changes_at else ""


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ((2026, 1, 5, 7, 59), (False, "Mon 05 08:00")),
        ((2026, 1, 5, 8, 0), (True, "Mon 05 12:30")),
        ((2026, 1, 5, 12, 30), (False, "Mon 05 13:30")),
        ((2026, 1, 5, 15, 59), (True, "Mon 05 16:00")),
        ((2026, 1, 9, 16, 0), (False, "Mon 12 08:00")),
        # In summer the same wall clock is an hour earlier in UTC.
        ((2026, 7, 6, 6, 59), (False, "Mon 06 08:00")),
        ((2026, 7, 6, 7, 0), (True, "Mon 06 12:30")),
        # The weekend on which the clocks go on, and back.
        ((2026, 3, 28, 12, 0), (False, "Mon 30 08:00")),
        ((2026, 10, 24, 12, 0), (False, "Mon 26 08:00")),
    ],
)
def test_hours_go_by_the_wall_clock_of_their_zone(moment: tuple[int, ...], expected: tuple[bool, str]) -> None:
    assert there(LONDON | SCHOOL_DAYS, *moment) == expected


def test_in_the_holidays_nobody_is_there() -> None:
    form = LONDON | SCHOOL_DAYS | {"back_on": "2027-01-04"}
    assert there(form, 2026, 12, 22, 10, 0) == (False, "Mon 04 08:00")
    assert there(form, 2027, 1, 4, 10, 0) == (True, "Mon 04 12:30")


def test_a_period_may_last_until_midnight() -> None:
    form = LONDON | {"sunday": "18:00–24:00"}
    assert there(form, 2026, 1, 4, 23, 59) == (True, "Mon 05 00:00")
    assert there(form, 2026, 1, 5, 0, 0) == (False, "Sun 11 18:00")


def test_without_hours_nothing_is_known() -> None:
    assert support.presence(Week(), NOW) == Presence(is_known=False)


def test_no_zone_is_taken_for_granted(database: Database) -> None:
    assert database.read_now(support.week).texts()["hours_zone"] == ""


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"monday": "eight"}, {"monday": "hours"}),
        ({"monday": "9–8"}, {"monday": "hours"}),
        ({"tuesday": "09:00–08:00"}, {"tuesday": "hours"}),
        ({"tuesday": "08:00–08:00"}, {"tuesday": "hours"}),
        ({"wednesday": "08:00–10:00, 09:00–11:00"}, {"wednesday": "hours"}),
        ({"thursday": "23:00–24:30"}, {"thursday": "hours"}),
        ({"back_on": "soon"}, {"back_on": "day"}),
        ({"hours_zone": "Europe/Atlantis"}, {"hours_zone": "zone_unknown"}),
        ({"hours_zone": ""}, {"hours_zone": "zone_unknown"}),
    ],
)
def test_hours_that_cannot_be_kept_are_refused_at_their_field(form: dict[str, str], errors: dict[str, str]) -> None:
    with pytest.raises(FormRefused) as refused:
        Week.read(LONDON | form)
    assert refused.value.errors == errors


def test_hours_are_kept_as_they_were_set_and_set_anew(database: Database) -> None:
    for wanted in (
        Week.read(LONDON | SCHOOL_DAYS | {"back_on": "2026-09-10"}),
        Week.read({"hours_zone": "UTC", "sunday": "10:00–11:00"}),
        Week("UTC"),
    ):
        database.write_now(lambda db, wanted=wanted: support.set_week(db, wanted, "ada@fablehill.example", NOW))
        found = database.read_now(support.week)
        assert found == wanted
        assert Week.read(found.texts()) == wanted
    assert Week.read(LONDON | {"back_on": "2026-09-10"}).back_on == date(2026, 9, 10)


def add(database: Database, name: str, contact: str = "08081 570000", language: str = "") -> None:
    form = {"line_name": name, "contact": contact, "line_language": language}
    database.write_now(lambda db: support.add_line(db, form, "ada@fablehill.example", NOW))


def names(database: Database, *tags: str) -> list[str]:
    return [line.name for line in database.read_now(lambda db: support.lines_for(db, tags))]


def test_lines_are_those_for_the_reader_and_for_everybody_and_never_none(database: Database) -> None:
    assert names(database, "en") == []
    add(database, "Seule ligne", language="fr")
    assert names(database, "de") == ["Seule ligne"]
    add(database, "Deutsche Linie", language="de")
    add(database, "Linha", language="pt-BR")
    assert names(database, "de-AT") == ["Deutsche Linie"]
    assert names(database, "pt_br") == ["Linha"]
    add(database, "Everybody's")
    assert names(database, "ja") == ["Everybody's"]
    assert names(database, "fr", "de") == ["Everybody's", "Deutsche Linie", "Seule ligne"]


@pytest.mark.parametrize("contact", ["08081 570000", "+44 (0)808 157-0000", "112", "https://lines.example/now?x=1"])
def test_a_line_has_a_number_or_an_address(database: Database, contact: str) -> None:
    add(database, "A line", contact)
    assert names(database) == ["A line"]


@pytest.mark.parametrize(
    ("name", "contact", "language", "errors"),
    [
        ("", "112", "", {"line_name": "required"}),
        ("x" * 101, "112", "", {"line_name": "name_too_long"}),
        ("a\u202eb", "112", "", {"line_name": "question_unprintable"}),
        ("A", "", "", {"contact": "contact"}),
        ("A", "call us", "", {"contact": "contact"}),
        ("A", "http://lines.example", "", {"contact": "contact"}),
        ("A", "javascript:alert(1)", "", {"contact": "contact"}),
        ("A", "https://u@lines.example", "", {"contact": "contact"}),
        ("A", "https://" + "x" * 200, "", {"contact": "contact"}),
        ("A", "112", "German!", {"line_language": "language_tag"}),
    ],
)  # fmt: skip
def test_a_line_that_leads_nowhere_is_refused(
    database: Database, name: str, contact: str, language: str, errors: dict[str, str]
) -> None:
    with pytest.raises(FormRefused) as refused:
        add(database, name, contact, language)
    assert refused.value.errors == errors


def test_a_line_is_taken_away_once(database: Database) -> None:
    add(database, "A line")
    line_id = database.read_now(lambda db: support.lines_for(db, ())[0].id)
    database.write_now(lambda db: support.remove_line(db, line_id or 0, "ada@fablehill.example", NOW))
    assert names(database) == []
    with pytest.raises(Missing):
        database.write_now(lambda db: support.remove_line(db, line_id or 0, "ada@fablehill.example", NOW))
