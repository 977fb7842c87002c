"""A data subject's request for everything at once: what is held on one person, and its deletion."""

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain import audit, reflections
from reflect.domain import identities as domain_identities
from reflect.domain.audit import FROM_SHELL
from reflect.domain.refusals import Missing
from reflect.storage import follow_ups, identities, introductions, people, prompts, responses, talks
from reflect.storage import reflections as stored
from reflect.storage.courses import Course
from reflect.storage.imports import ids_of_person
from reflect.storage.own_questions import of_person as own_questions
from reflect.storage.people import Enrolment, Person


def export(db: Session, person_id: int) -> dict[str, Any]:
    """All that is held on a person, as plain values for JSON (moments in ISO 8601, UTC); raises Missing.

    Of anonymous check-ins it says in how many they took part, which is all that could be said.
    """
    person = _find(db, person_id)
    return {
        "person": {
            "id": person.id,
            "lms_id": person.sub,
            "name": person.name,
            "imported_ids": ids_of_person(db, person_id),
            "language": person.language,
            "follow_ups_a_day": person.follow_ups,
            "known_since": person.created_at.isoformat(timespec="seconds"),
            "introductions_read": introductions.of_person(db, person_id),
            "signed_in_on": _signed_in_on(db, person_id),
        },
        "courses": [_course(db, row, person_id) for row in stored.courses_of(db, person_id)],
        "own_questions": [row.text for row in own_questions(db, person_id)],
    }


def erase(db: Session, person_id: int, now: datetime) -> int:
    """Delete a person with all that is held on them; how many named answers that were. Raises Missing.

    Their named answers are taken from every count. That somebody took part in an anonymous check-in stays, for a count
    must not fall when somebody leaves; it then belongs to nobody: a row without a name or an id of the platform's.
    """
    person = _find(db, person_id)
    erased = sum(reflections.erase(db, row.id, person_id) for row in stored.courses_of(db, person_id))
    nobody = people.add(db, person.deployment_id, f"erased {secrets.token_hex(16)}", "", is_guest=True, now=now)
    if not stored.move_participations(db, person_id, nobody):
        stored.delete_person(db, nobody)
    stored.delete_person(db, person_id)
    audit.note(db, FROM_SHELL, "person_erased", str(person_id), now)
    return erased


def unlink(db: Session, person_id: int, now: datetime) -> bool:
    """Take a person's link with the institution's sign-in away; whether there was one. Raises Missing."""
    _find(db, person_id)
    is_undone = domain_identities.unlink(db, person_id)
    if is_undone:
        audit.note(db, FROM_SHELL, "person_unlinked", str(person_id), now)
    return is_undone


def _find(db: Session, person_id: int) -> Person:
    person = db.get(Person, person_id)
    if person is None:
        raise Missing()
    return person


def _course(db: Session, row: Any, person_id: int) -> dict[str, Any]:
    course_id, found = row.id, reflections.of_person(db, row.id, person_id)
    enrolment = db.get(Enrolment, (person_id, row.id))
    active = db.scalar(select(col(Course.last_active_on)).where(col(Course.id) == row.id))
    assert active is not None
    return {
        "title": row.title,
        "role": enrolment.role if enrolment else None,
        "role_in_last_roster": enrolment.listed_as if enrolment else None,
        "role_vouched_for_on": _day(enrolment.vouched_on if enrolment else None),
        "last_active_on": active.isoformat(),
        **as_values(found),
        "responses": [_response(row) for row in responses.to_person(db, course_id, person_id, most=len(found.named))],
        "talks": [_talk(row) for row in talks.of_student(db, course_id, person_id)],
        **_followed(db, course_id, person_id),
    }


def _signed_in_on(db: Session, person_id: int) -> str | None:
    """The day of the last sign-in at the institution's provider; the hash of who that was tells nobody anything."""
    found = identities.of_person(db, person_id)
    return _day(found.confirmed_on if found else None)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _followed(db: Session, course_id: int, person_id: int) -> dict[str, Any]:
    """What adults noted about a person and did with prompts about them; and of an adult, what they wrote and set."""
    return {
        "follow_ups_about": [
            {"written_by": row.name or row.sub, **_follow_up(row)}
            for row in follow_ups.held_on(db, course_id, person_id)
        ],
        "follow_ups_written": [
            {"about": row.name or row.sub, **_follow_up(row)} for row in follow_ups.written_by(db, course_id, person_id)
        ],
        "prompts_about": [
            {
                "adult": row.name or row.sub,
                "settled_as": row.settled_as or None,
                "settled_at": _text(row.settled_at),
                "handed_over_to_them_at": _text(row.handed_at),
                "reasons": [list(reason) for reason in row.reasons or ()],
            }
            for row in prompts.held_on(db, course_id, person_id)
        ],
        "reminders": [
            {"kind": row.kind, "is_on": bool(row.is_on), "count": row.count, "span": row.span}
            for row in prompts.reminders(db, course_id, person_id)
        ],
    }


def _follow_up(row: Any) -> dict[str, Any]:
    return {
        "words": row.words,
        "back_on": row.back_on.isoformat() if row.back_on else None,
        "written_at": _text(row.written_at),
        "changed_at": _text(row.changed_at),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _response(row: Any) -> dict[str, Any]:
    return {
        "mark": row.mark or None,
        "words": row.words,
        "from": row.name or row.sub,
        "at": row.responded_at.isoformat(timespec="seconds"),
    }


def _talk(row: Any) -> dict[str, Any]:
    moments = {"sent_at": row.sent_at, "seen_at": row.seen_at, "closed_at": row.closed_at}
    return {
        "message": row.message,
        "for_today": row.is_for_today,
        "word_back": row.word,
        **{name: _text(at) for name, at in moments.items()},
    }


def as_values(found: reflections.Reflections) -> dict[str, Any]:
    """A person's reflections in one course as plain values for JSON."""
    questions = {it.checkin_id: it.question for it in found.named}
    return {
        "answers": [
            {
                "question": it.question,
                "answer": it.choice,
                "own_word": it.word,
                "note": it.note,
                "answered_at": it.answered_at.isoformat(timespec="seconds"),
                "changed_at": it.changed_at.isoformat(timespec="seconds"),
            }
            for it in found.named
        ],
        "anonymous_checkins_answered": found.anonymous,
        "opened_by": [
            {
                "question": questions[it.checkin_id],
                "reader": f"API key {it.key}" if it.key else it.name or it.sub,
                "within_the_hour_from": it.hour.isoformat(timespec="minutes"),
            }
            for it in found.opened
        ],
        "looked_at_by": [
            {
                "what": it.kind,
                "reader": it.name or it.sub,
                "within_the_hour_from": it.hour.isoformat(timespec="minutes"),
            }
            for it in found.looked
        ],
    }
