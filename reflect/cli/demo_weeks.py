"""The demo's past weeks: a named check-in twice a week and one about energy, so that there is something to look
back on. The class grows a little more cheerful, and has a hard last week."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from reflect.domain import answers, closures, lifecycle, occurrences, openings, series
from reflect.domain.forms import FORMS, SKIP, Form
from reflect.domain.privacy.sealing import Content, Sealer
from reflect.domain.schedules import Schedule
from reflect.domain.sessions import Viewer
from reflect.storage.series import Series

ZONE = "Europe/London"
WEEKS = 11
LISTED_FOR = timedelta(days=25)
"""What is older is archived: out of the lists, and still in the picture."""
_HARD_FOR = timedelta(days=6)

_FORMS: Sequence[tuple[Mapping[str, str], tuple[int, ...]]] = (
    ({"question_key": "feeling_today", "answer_form": "words_core", "anonymity": "named"}, (1, 4)),
    ({"question": "How much energy have you left?", "answer_form": "energy", "anonymity": "anonymous"}, (2,)),
)
"""Two series: what the teacher filled in, and on the weekdays of how many days ago they are put."""


def furnish(
    db: Session, teacher: Viewer, students: Sequence[Viewer], sealer: Sealer, min_group_size: int, now: datetime
) -> None:
    """Let the class have been asked for some weeks; both series are over by now."""
    rng = random.Random(11)
    for form, days_ago in _FORMS:
        begins_at = now - timedelta(weeks=WEEKS)
        fields = {**form, **_clock(now, days_ago)}
        number = series.begin(db, teacher, fields, Schedule.read(fields), min_group_size, begins_at)
        row = db.get_one(Series, number)
        for day in occurrences.upcoming(row, begins_at, 7 * WEEKS):
            opens_at = occurrences.rule_of(row).moment(day)
            occurrences.make(db, row, min_group_size, opens_at)
            openings.open_due(db, min_group_size, opens_at)
            checkin_id = occurrences.made(db, row)[day].id
            assert checkin_id is not None
            age = now - opens_at
            for place, student in enumerate(students):
                if rng.random() < 0.92:
                    choice = _choice(rng, FORMS[form["answer_form"]], _mood(rng, place, age))
                    answers.give(db, student, checkin_id, Content(choice), sealer, opens_at + timedelta(minutes=3))
            closures.close(db, teacher, checkin_id, sealer, opens_at + timedelta(minutes=20))
            db.expire_all()
            if age > LISTED_FOR:
                lifecycle.archive(db, teacher, checkin_id, opens_at + timedelta(days=7))


def _clock(now: datetime, days_ago: Sequence[int]) -> dict[str, str]:
    """Every week on those weekdays, two hours before this time of day, until yesterday."""
    here = (now - timedelta(hours=2)).astimezone(ZoneInfo(ZONE))
    first, last = here - timedelta(weeks=WEEKS), here - timedelta(days=1)
    weekdays = {f"weekday-{(here - timedelta(days=days)).weekday()}": "yes" for days in days_ago}
    return {
        "when": "repeat",
        "frequency": "weekly",
        "opens_on": first.replace(tzinfo=None).isoformat(timespec="minutes"),
        "ends": "until",
        "until_on": last.date().isoformat(),
        "clock_zone": ZONE,
        **weekdays,
    }


def _mood(rng: random.Random, place: int, age: timedelta) -> float:
    """From -1 to 1: each student has a usual of their own, the weeks rise a little, and the last was hard."""
    usual = 0.55 - 0.12 * (place % 5)
    trend = 0.15 - 0.3 * age / timedelta(weeks=WEEKS)
    return max(-1.0, min(1.0, rng.gauss(usual + trend - (0.8 if age < _HARD_FOR else 0), 0.45)))


def _choice(rng: random.Random, form: Form, mood: float) -> str:
    """Something near a mood; of energy the steps stand for it."""
    if rng.random() < 0.03:
        return SKIP
    by_distance = sorted(form.options, key=lambda option: abs((option.pleasantness or option.energy or 0.0) - mood))
    return rng.choice(by_distance[:1] if form.key == "energy" else by_distance[:3]).key
