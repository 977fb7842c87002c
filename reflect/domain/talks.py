"""Asking for a talk, which is separate from any answer: a student asks an adult by name, and sees what becomes of it.

Who may read it is who is named on the student's screen: the staff of the course, as the receipt has them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.domain.talk_acts import Told, adults, is_stranded, tell
from reflect.domain.writing import in_lines, readable
from reflect.storage import talks
from reflect.storage.tables import key_of
from reflect.storage.talks import Talk, TalkAct

LONGEST_MESSAGE = 500
MOST_OPEN = 5
"""Talks that one student may have open in a course."""
MOST_CLOSED = 20
"""Closed ones that an adult's list still shows."""
OPENED_AGAIN_AFTER = timedelta(hours=1)
"""Who looks again sooner is not written down again."""
URGENCIES = ("when_time", "today")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a student asks for, checked as far as the form alone can tell."""

    adult_id: int | None
    """None for any adult of the course."""
    message: str
    is_for_today: bool

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields `adult`, `message` and `urgency`; raises FormRefused."""
        adult, message, urgency = form.get("adult", ""), _plain(form.get("message", "")), form.get("urgency", "")
        errors = {}
        if adult and not (adult.isdecimal() and len(adult) < 10):
            errors["adult"] = "choose"
        if len(message) > LONGEST_MESSAGE:
            errors["message"] = "message_too_long"
        if urgency not in ("", *URGENCIES):
            errors["urgency"] = "choose"
        if errors:
            raise FormRefused(errors)
        return cls(int(adult) if adult else None, message, urgency == "today")


def ask(db: Session, viewer: Viewer, wish: Wish, now: datetime) -> int | None:
    """Ask for a talk; its id, or None for a viewer who is counted nowhere: then nothing is kept or sent.

    The same wish again, while it is not seen, is the same talk: a form that was sent twice asks once. Raises Refused
    `not_allowed`, `talks_too_many`, FormRefused `adult` for somebody who is not of the course's staff.
    """
    viewer.must(Capability.ASK_TO_TALK)
    if wish.adult_id is not None and wish.adult_id not in _adult_ids(db, viewer):
        raise FormRefused({"adult": "choose"})
    if viewer.is_preview:
        return None
    is_open = talks.open_of(db, viewer.course_id, viewer.person_id)
    for talk in is_open:
        if talk.seen_at is None and (None if talk.for_anyone else talk.adult_id, talk.message) == (
            wish.adult_id,
            wish.message,
        ):
            talk.is_for_today = talk.is_for_today or wish.is_for_today
            db.flush()
            return key_of(talk)
    if len(is_open) >= MOST_OPEN:
        raise Refused("talks_too_many")
    talk = Talk(
        course_id=viewer.course_id,
        student_id=viewer.person_id,
        for_anyone=wish.adult_id is None,
        adult_id=wish.adult_id,
        message=wish.message,
        is_for_today=wish.is_for_today,
        sent_at=now,
    )
    db.add(talk)
    db.flush()
    return key_of(talk)


def own(db: Session, viewer: Viewer) -> Sequence[Told]:
    """A student's own in this course, open ones first."""
    viewer.must(Capability.ASK_TO_TALK)
    if viewer.is_preview:
        return ()
    return [tell(db, talk) for talk in talks.of_student(db, viewer.course_id, viewer.person_id)]


def waiting(db: Session, viewer: Viewer) -> Sequence[Any]:
    """What is open and for this adult or for any; of `storage.talks.waiting`. Nothing for who is not named."""
    return talks.waiting(db, viewer.course_id, viewer.person_id) if _is_named(db, viewer) else ()


def closed(db: Session, viewer: Viewer) -> Sequence[Told]:
    """The newest of this adult's that are closed."""
    if not _is_named(db, viewer):
        return ()
    return [tell(db, talk) for talk in talks.closed(db, viewer.course_id, viewer.person_id, MOST_CLOSED)]


def with_student(db: Session, viewer: Viewer, student_id: int) -> Sequence[Told]:
    """A student's that this adult may read, open ones first."""
    if not _is_named(db, viewer):
        return ()
    found = talks.of_student(db, viewer.course_id, student_id)
    return [tell(db, talk) for talk in found if talk.for_anyone or talk.adult_id == viewer.person_id]


def open(db: Session, viewer: Viewer, talk_id: int, now: datetime) -> Told:
    """A talk for who may read it: its student, or an adult it is for, whose opening of it is written down. Raises
    Refused `not_allowed`, Missing."""
    if viewer.may(Capability.HEAR_TALKS):
        talk = _heard(db, viewer, talk_id)
        last = talks.last_opened_at(db, talk_id, viewer.person_id)
        if last is None or last + OPENED_AGAIN_AFTER <= now:
            _note(db, viewer, talk, "opened", now)
    else:
        talk = _asked(db, viewer, talk_id)
    return tell(db, talk)


def see(db: Session, viewer: Viewer, talk_id: int, now: datetime) -> None:
    """Tell the student that it was seen. Seeing it twice, or after the close, changes nothing."""
    talk = _heard(db, viewer, talk_id)
    if talk.seen_at is None and talk.closed_at is None:
        talk.seen_at = now
        _note(db, viewer, talk, "seen", now)


def close(db: Session, viewer: Viewer, talk_id: int, word: str, now: datetime) -> None:
    """Close it, with a word back or without. Closing twice changes nothing; another word than the one that closed it is
    given back, because the student will not read it. Raises FormRefused `word`, Missing."""
    talk, plain = _heard(db, viewer, talk_id), _plain(word)
    if len(plain) > LONGEST_MESSAGE:
        raise FormRefused({"word": "message_too_long"})
    if talk.closed_at is not None and plain not in ("", talk.word):
        raise FormRefused({"word": "talk_closed"})
    if talk.closed_at is None:
        talk.seen_at, talk.closed_at, talk.word = talk.seen_at or now, now, plain
        _note(db, viewer, talk, "closed", now)


def hand_over(db: Session, viewer: Viewer, talk_id: int, adult: str, now: datetime, word: str = "") -> None:
    """Let another adult of the course (an id as a form gives it) take it; from now on it is theirs alone, and unseen.

    Raises FormRefused `to` for oneself and for who is not of the course's staff, and `word` where one was written that
    only closing would send; Refused `talk_closed`, Missing.
    """
    talk = _heard(db, viewer, talk_id)
    if talk.closed_at is not None:
        raise Refused("talk_closed")
    others = {str(adult_id): adult_id for adult_id in _adult_ids(db, viewer) - {viewer.person_id}}
    if errors := _faults(adult, others, word):
        raise FormRefused(errors)
    talk.for_anyone, talk.adult_id, talk.seen_at = False, others[adult], None
    _note(db, viewer, talk, "handed_over", now, others[adult])


def _faults(adult: str, others: Mapping[str, int], word: str) -> dict[str, str]:
    errors = {} if adult in others else {"to": "choose"}
    return errors | ({"word": "word_unsent"} if _plain(word) else {})


def withdraw(db: Session, viewer: Viewer, talk_id: int) -> None:
    """Take back one's own while nobody has seen it, or nobody can: nothing of it remains.

    Raises Refused `not_allowed`, `talk_seen`, Missing.
    """
    talk = _asked(db, viewer, talk_id)
    if talk.closed_at is not None or (talk.seen_at is not None and not is_stranded(db, talk)):
        raise Refused("talk_seen")
    db.delete(talk)
    db.flush()


def _plain(typed: str) -> str:
    """What was typed, without what cannot be shown. Nobody who asks for help is refused for a sign in their text."""
    return in_lines(readable("\n".join(typed.splitlines())))


def _adult_ids(db: Session, viewer: Viewer) -> frozenset[int]:
    return frozenset(row.id for row in adults(db, viewer.course_id))


def _is_named(db: Session, viewer: Viewer) -> bool:
    return viewer.may(Capability.HEAR_TALKS) and viewer.person_id in _adult_ids(db, viewer)


def _heard(db: Session, viewer: Viewer, talk_id: int) -> Talk:
    """A talk that this adult may read, held until commit; any other does not exist."""
    viewer.must(Capability.HEAR_TALKS)
    talk = db.get(Talk, talk_id, with_for_update=True)
    if talk is None or talk.course_id != viewer.course_id or not _is_named(db, viewer):
        raise Missing()
    if not talk.for_anyone and talk.adult_id != viewer.person_id:
        raise Missing()
    return talk


def _asked(db: Session, viewer: Viewer, talk_id: int) -> Talk:
    """A student's own talk, held until commit; any other does not exist."""
    viewer.must(Capability.ASK_TO_TALK)
    talk = db.get(Talk, talk_id, with_for_update=True)
    if talk is None or talk.course_id != viewer.course_id or talk.student_id != viewer.person_id:
        raise Missing()
    return talk


def _note(db: Session, viewer: Viewer, talk: Talk, kind: str, now: datetime, to_id: int | None = None) -> None:
    db.add(TalkAct(talk_id=key_of(talk), kind=kind, person_id=viewer.person_id, to_id=to_id, at=now))
    db.flush()
