"""Some weeks of one student of the demo school, so that a student's page and a reminder have something to show."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from reflect.domain import answers, checkins, closures, follow_ups, lifecycle, reminders, responses
from reflect.domain.checkins import Draft
from reflect.domain.follow_ups import Words
from reflect.domain.privacy.sealing import Content, Sealer
from reflect.domain.sessions import Viewer

STUDENT, OTHER, TEACHER = "13", "12", "3"
PLAN: Sequence[tuple[int, str, str]] = (
    (62, "happy", ""),
    (55, "curious", ""),
    (48, "calm", ""),
    (41, "excited", "We flew the kite over the pond."),
    (34, "calm", ""),
    (27, "happy", ""),
    (13, "nervous", ""),
    (8, "lonely", "Nobody to share the kite with."),
    (4, "sad", ""),
    (2, "stressed", ""),
)
"""Days ago, what that student answered, and what they wrote with it."""


def look_back(db: Session, viewers: Mapping[str, Viewer], sealer: Sealer, min_group_size: int, now: datetime) -> None:
    """Let that student answer these, put them away, and let the teacher note something and ask to be reminded."""
    teacher, student = viewers[TEACHER], viewers[STUDENT]
    draft = Draft.read({"question_key": "feeling_today", "anonymity": "named", "asks_note": "yes"})
    for days_ago, feeling, note in PLAN:
        at = now - timedelta(days=days_ago, hours=1)
        checkin_id = checkins.open(db, teacher, draft, min_group_size, at)
        answers.give(db, student, checkin_id, Content(feeling, "", note), sealer, at + timedelta(minutes=5))
        if note:
            responses.respond(db, teacher, checkin_id, student.person_id, {"mark": "leaf"}, at + timedelta(hours=1))
        closures.close(db, teacher, checkin_id, sealer, at + timedelta(minutes=20))
        lifecycle.archive(db, teacher, checkin_id, at + timedelta(minutes=20))
    for person, words, back_on in (
        (student, "Talked about the kite on the way to the pond.", None),
        (viewers[OTHER], "Asked about the new baby at home. Will ask again.", now.date()),
    ):
        follow_ups.write(db, teacher, person.person_id, Words(words, back_on), now - timedelta(days=6))
    rules = reminders.read({"unpleasant": "yes"})
    reminders.choose(db, teacher, rules)
