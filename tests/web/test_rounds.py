"""What is wrong with one check-in or one series keeps nothing from the others."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest
from cryptography.exceptions import InvalidTag
from sqlmodel import Session, col, select, update

from reflect.domain import series
from reflect.domain.refusals import FormRefused
from reflect.domain.schedules import Schedule
from reflect.storage.answers import SealedAnswer
from reflect.storage.checkins import Checkin
from reflect.storage.series import Series
from reflect.web.closures import close_due
from reflect.web.openings import open_due
from tests.classroom import Classroom, classroom
from tests.installation import Installation
from tests.web.dialogs import house_of

AN_HOUR = timedelta(hours=1)


def is_closed(room: Classroom, checkin_id: int) -> bool:
    return room.checkin(checkin_id).closed_at is not None


def test_one_that_cannot_be_closed_keeps_no_other_open(installation: Installation) -> None:
    room, house = classroom(installation.database, 3), house_of(installation)
    broken, named, anonymous = room.open("anonymous"), room.open("named"), room.open("anonymous")
    for student in room.students:
        for checkin_id in (broken, named, anonymous):
            room.answer(student, checkin_id, "calm")
    spoilt = update(SealedAnswer).where(col(SealedAnswer.checkin_id) == broken).values(seal=b"no seal at all")
    room.database.write_now(lambda db: db.exec(spoilt) and None)
    room.database.write_now(lambda db: db.exec(update(Checkin).values(closes_at=house.now() - AN_HOUR)) and None)
    with pytest.raises(InvalidTag):
        asyncio.run(close_due(house))
    assert [is_closed(room, it) for it in (broken, named, anonymous)] == [False, True, True]


def begun(room: Classroom) -> int:
    now = datetime.now(UTC)
    form = {"question": "How are you?", "anonymity": "named", "when": "repeat", "frequency": "daily"}
    form |= {"opens_on": (now + AN_HOUR).strftime("%Y-%m-%dT%H:%M"), "clock_zone": "Europe/London"}
    return room.database.write_now(lambda db: series.begin(db, room.teacher, form, Schedule.read(form), 3, now))


def test_a_series_that_cannot_be_read_keeps_no_other_from_opening(installation: Installation) -> None:
    room = classroom(installation.database, 3)
    broken, whole = begun(room), begun(room)
    spoilt = update(Series).where(col(Series.id) == broken).values(template='{"question_key": "gone"}')
    room.database.write_now(lambda db: db.exec(spoilt) and None)
    later = house_of(installation, days=2, hours=2)
    for _ in range(2):
        with pytest.raises(FormRefused):
            asyncio.run(open_due(later))
    opened = select(Checkin.series_id).where(col(Checkin.opened_at).is_not(None))
    assert whole in room.database.read_now(lambda db: set(db.exec(opened)))


def occurrences_of(room: Classroom, number: int) -> list[Checkin]:
    def look(db: Session) -> list[Checkin]:
        return list(db.exec(select(Checkin).where(Checkin.series_id == number).order_by(col(Checkin.occurs_on))).all())

    return room.database.read_now(look)


def opened_of(room: Classroom, number: int) -> int:
    return sum(one.opened_at is not None for one in occurrences_of(room, number))


def test_after_days_without_a_round_one_of_a_series_opens_also_where_none_can_be_prepared(
    installation: Installation,
) -> None:
    room = classroom(installation.database, 3)
    broken, whole = begun(room), begun(room)
    spoilt = update(Series).where(col(Series.id) == broken).values(template='{"question_key": "gone"}')
    room.database.write_now(lambda db: db.exec(spoilt) and None)
    for _ in range(2):
        with pytest.raises(FormRefused):
            asyncio.run(open_due(house_of(installation, days=5, hours=2)))
    assert [opened_of(room, number) for number in (broken, whole)] == [1, 1]
    waiting = [one.opens_at for one in occurrences_of(room, broken) if one.archived_at is None and not one.opened_at]
    assert all(at is not None and at > house_of(installation, days=5, hours=2).now() for at in waiting)


def test_a_series_of_an_unknown_zone_keeps_no_other_from_being_prepared(installation: Installation) -> None:
    room = classroom(installation.database, 3)
    broken, whole = begun(room), begun(room)
    spoilt = update(Series).where(col(Series.id) == broken).values(zone="Nowhere/Gone")
    room.database.write_now(lambda db: db.exec(spoilt) and None)
    before = len(occurrences_of(room, whole))
    with pytest.raises(ZoneInfoNotFoundError):
        asyncio.run(open_due(house_of(installation, days=5, hours=2)))
    assert len(occurrences_of(room, whole)) > before
    assert [opened_of(room, number) for number in (broken, whole)] == [1, 1]
