"""Giving an answer: one transaction that holds the check-in's row, stores the answer and keeps the roll-up true."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from reflect.domain import checkins as domain_checkins
from reflect.domain import forms, gradebooks, revisions
from reflect.domain.capabilities import Capability
from reflect.domain.guest_codes import new_code
from reflect.domain.privacy import batches
from reflect.domain.privacy.sealing import Content, Sealer, size_of
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.domain.writing import in_lines, in_one_line, is_readable
from reflect.storage import answers, checkins, guests, sessions, turnouts

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


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answers, to which revision of which question, and when."""

    checkin_id: int
    content: Content
    sealer: Sealer
    now: datetime
    revision: int = 0


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
    return give_each(db, [(viewer, Given(checkin_id, content, sealer, now, revision))])[0]


def give_each(db: Session, many: Sequence[tuple[Viewer, Given]]) -> list[Outcome]:
    """Give many people's answers in their order, and leave of the roll-up what all of them come to.

    Raises what `give` raises if it would raise for one of them.
    """
    outcomes = [Outcome.GIVEN] * len(many)
    named: list[_Named] = []
    for place, (viewer, given) in enumerate(many):
        held = _held(db, viewer, given)
        if held is None:
            outcomes[place] = Outcome.NOT_KEPT
            continue
        revisions.must_be(held, given.revision)
        said = checked(held, given.content)
        if held.is_anonymous:
            outcomes[place] = _give_anonymously(db, viewer, held, said, given.sealer)
        else:
            named.append(_Named(viewer.person_id, held, said, given.now))
    if named:
        _give_named(db, named)
    return outcomes


def _held(db: Session, viewer: Viewer, given: Given) -> Any:
    """The open check-in, its row held until commit; None for a viewer whose answer is looked at and not kept."""
    viewer.must(Capability.ANSWER)
    if viewer.is_preview:
        checkin = domain_checkins.must_be_open(domain_checkins.of(db, viewer, given.checkin_id))
        revisions.must_be(checkin, given.revision)
        checked(checkin, given.content)
        return None
    held = checkins.touch_open(db, given.checkin_id)
    if held is None or held.course_id != viewer.course_id or not domain_checkins.is_there_for(db, viewer, held):
        domain_checkins.of(db, viewer, given.checkin_id)
        raise Refused("checkin_closed")
    return held


def checked(checkin: Any, content: Content) -> Content:
    """The content as it is kept: tidy, and without what this check-in or this choice has no place for.

    Raises Refused `choice_missing`, `word_missing`, `word_too_long`, `word_unprintable`, `note_too_long`,
    `note_unprintable`.
    """
    if not forms.of(checkin).takes(content.choice, checkin.labels):
        raise Refused("choice_missing")
    word = in_one_line(content.word) if content.choice == forms.OTHER_WORD else ""
    if content.choice == forms.OTHER_WORD and not word:
        raise Refused("word_missing")
    if len(word) > LONGEST_WORD:
        raise Refused("word_too_long")
    if not is_readable(word):
        raise Refused("word_unprintable")
    note = in_lines(content.note) if checkin.asks_note else ""
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long")
    if not is_readable(note):
        raise Refused("note_unprintable")
    return Content(content.choice, word, note)


@dataclass(frozen=True, slots=True)
class _Named:
    person_id: int
    checkin: Any
    said: Content
    now: datetime

    @property
    def row(self) -> answers.Named:
        said = self.said
        return answers.Named(
            self.checkin.id, self.person_id, said.choice, self.now, said.word or None, said.note or None
        )


def _give_named(db: Session, many: Sequence[_Named]) -> None:
    counts: answers.Counts = Counter()
    added = answers.add_each(db, [one.row for one in many])
    for one, is_new in zip(many, added, strict=True):
        checkin, row, day = one.checkin, one.row, one.now.date()
        if not is_new:
            before = answers.own(db, checkin.id, one.person_id)
            answers.change(db, checkin.id, one.person_id, row.choice, one.now, row.word, row.note)
            # The answer moves within the day it was first given on, so that each person is counted once.
            day = before.answered_at.date()
            counts[checkin.course_id, checkin.id, day, before.choice] -= 1
        counts[checkin.course_id, checkin.id, day, row.choice] += 1
        gradebooks.mark(db, checkin, one.person_id, one.now)
    answers.add_to_tallies(db, counts)


def _give_anonymously(db: Session, viewer: Viewer, checkin: Any, said: Content, sealer: Sealer) -> Outcome:
    if viewer.is_guest:
        return _give_as_guest(db, viewer, checkin, said, sealer)
    if not answers.take_part(db, checkin.id, viewer.person_id):
        return Outcome.ALREADY_GIVEN
    answers.keep_sealed(db, checkin.id, secrets.token_bytes(16), sealer.seal(checkin.id, said, size_of(checkin)))
    if checkin.release == "in_steps":
        batches.release_in_steps(db, checkin, sealer)
    return Outcome.GIVEN


def _give_as_guest(db: Session, viewer: Viewer, checkin: Any, said: Content, sealer: Sealer) -> Outcome:
    """Who comes without a `sub` answers among the guests: by launching again they are somebody else, so that with the
    students they could be all but one of a batch."""
    if not sessions.use_state(db, _turn(viewer, checkin.id), viewer.expires_at):
        return Outcome.ALREADY_GIVEN
    guests.count_one(db, checkin.id, new_code(), checkin.opened_at)
    guests.keep_sealed(db, checkin.id, secrets.token_bytes(16), sealer.seal(checkin.id, said, size_of(checkin)))
    if checkin.release == "in_steps":
        batches.release_guests_in_steps(db, checkin, sealer)
    return Outcome.GIVEN


def _turn(viewer: Viewer, checkin_id: int) -> str:
    """What is used up by a guest's answer, and forgotten with their session."""
    return f"answer {sha256(f'{viewer.sub} {checkin_id}'.encode()).hexdigest()}"


def own(db: Session, viewer: Viewer, checkin: Any) -> OwnAnswer:
    """What the viewer has answered."""
    if checkin.is_anonymous and viewer.is_guest:
        return OwnAnswer(sessions.is_used(db, _turn(viewer, checkin.id)), None)
    if checkin.is_anonymous:
        return OwnAnswer(answers.took_part(db, checkin.id, viewer.person_id), None)
    row = answers.own(db, checkin.id, viewer.person_id)
    return OwnAnswer(True, row.choice, row.word or "", row.note or "") if row else OwnAnswer(False, None)


def answered_among(db: Session, viewer: Viewer, rows: Sequence[Any]) -> set[int]:
    """Those of these check-ins of the viewer's course that they have answered, named or not."""
    found = turnouts.answered_by(db, viewer.course_id, viewer.person_id)
    if not viewer.is_guest:
        return found
    turns = {_turn(viewer, row.id): row.id for row in rows if row.is_anonymous}
    return found | {turns[turn] for turn in sessions.used_among(db, turns)}
