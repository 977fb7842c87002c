"""Giving an answer: one transaction that holds the check-in's row, stores the answer and keeps the roll-up true."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from reflect.domain import checkins as domain_checkins
from reflect.domain import forms, gradebooks, revisions
from reflect.domain.capabilities import Capability
from reflect.domain.privacy import batches
from reflect.domain.privacy.sealing import Content, Sealer, size_of
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.storage import answers, checkins

LONGEST_WORD = 30
"""Characters of an own word."""
LONGEST_NOTE = 500
"""Characters of a note."""


class Outcome(StrEnum):
    """What became of an answer."""

    GIVEN = "given"
    ALREADY_GIVEN = "already_given"
    """An anonymous answer cannot be found again, so the first one stands; a second try is no error."""
    NOT_KEPT = "not_kept"
    """The viewer is counted nowhere: a test user, or staff looking as a student."""


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """What a person may know of their own answer: of an anonymous one only that it was given."""

    has_answered: bool
    choice: str | None
    word: str = ""
    note: str = ""


def give(
    db: Session,
    viewer: Viewer,
    checkin_id: int,
    content: Content,
    sealer: Sealer,
    now: datetime,
    revision: int = 0,
) -> Outcome:
    """Give an answer to a revision of the question, or change a named one while the check-in is open.

    Raises Refused `not_allowed`, `checkin_closed`, `question_changed`, Missing, and for what was written:
    `choice_missing` (nothing chosen, or nothing that this check-in offers), `word_missing`, `word_too_long`,
    `word_unprintable`, `note_too_long`, `note_unprintable`.
    """
    viewer.must(Capability.ANSWER)
    if viewer.is_preview:
        checkin = domain_checkins.must_be_open(domain_checkins.of(db, viewer, checkin_id))
        revisions.must_be(checkin, revision)
        checked(checkin, content)
        return Outcome.NOT_KEPT
    held = checkins.touch_open(db, checkin_id)
    if held is None or held.course_id != viewer.course_id or not domain_checkins.is_there_for(db, viewer, held):
        domain_checkins.of(db, viewer, checkin_id)
        raise Refused("checkin_closed")
    revisions.must_be(held, revision)
    said = checked(held, content)
    if held.is_anonymous:
        return _give_anonymously(db, viewer, held, said, sealer)
    return _give_named(db, viewer, held, said, now)


def checked(checkin: Any, content: Content) -> Content:
    """The content as it is kept: tidy, and without what this check-in or this choice has no place for.

    Raises Refused `choice_missing`, `word_missing`, `word_too_long`, `word_unprintable`, `note_too_long`,
    `note_unprintable`.
    """
    if not forms.of(checkin).takes(content.choice, checkin.labels):
        raise Refused("choice_missing")
    word = " ".join(content.word.split()) if content.choice == forms.OTHER_WORD else ""
    if content.choice == forms.OTHER_WORD and not word:
        raise Refused("word_missing")
    if len(word) > LONGEST_WORD:
        raise Refused("word_too_long")
    if not forms.is_readable(word):
        raise Refused("word_unprintable")
    note = "\n".join(line.rstrip() for line in content.note.splitlines()).strip() if checkin.asks_note else ""
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long")
    if not forms.is_readable(note.replace("\n", "")):
        raise Refused("note_unprintable")
    return Content(content.choice, word, note)


def _give_named(db: Session, viewer: Viewer, checkin: Any, said: Content, now: datetime) -> Outcome:
    day, word, note = now.date(), said.word or None, said.note or None
    if not answers.add(db, checkin.id, viewer.person_id, said.choice, now, word, note):
        before = answers.own(db, checkin.id, viewer.person_id)
        answers.change(db, checkin.id, viewer.person_id, said.choice, now, word, note)
        # The answer moves within the day it was first given on, so that each person is counted once.
        day = before.answered_at.date()
        answers.add_to_tally(db, checkin.course_id, checkin.id, day, before.choice, -1)
    answers.add_to_tally(db, checkin.course_id, checkin.id, day, said.choice, 1)
    gradebooks.mark(db, checkin, viewer.person_id, now)
    return Outcome.GIVEN


def _give_anonymously(db: Session, viewer: Viewer, checkin: Any, said: Content, sealer: Sealer) -> Outcome:
    if not answers.take_part(db, checkin.id, viewer.person_id):
        return Outcome.ALREADY_GIVEN
    answers.keep_sealed(db, checkin.id, secrets.token_bytes(16), sealer.seal(checkin.id, said, size_of(checkin)))
    if checkin.release == "in_steps":
        batches.release_in_steps(db, checkin, sealer)
    return Outcome.GIVEN


def own(db: Session, viewer: Viewer, checkin: Any) -> OwnAnswer:
    """What the viewer has answered."""
    if checkin.is_anonymous:
        return OwnAnswer(answers.took_part(db, checkin.id, viewer.person_id), None)
    row = answers.own(db, checkin.id, viewer.person_id)
    return OwnAnswer(True, row.choice, row.word or "", row.note or "") if row else OwnAnswer(False, None)
