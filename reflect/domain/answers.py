"""Giving an answer: one transaction that holds the check-in's row, stores the answer and keeps the roll-up true."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from reflect.domain import checkins as domain_checkins
from reflect.domain import gradebooks
from reflect.domain.capabilities import Capability
from reflect.domain.forms import FORMS
from reflect.domain.privacy import batches
from reflect.domain.privacy.sealing import Sealer
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.storage import answers, checkins


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


def give(db: Session, viewer: Viewer, checkin_id: int, choice: str, sealer: Sealer, now: datetime) -> Outcome:
    """Give an answer, or change a named one while the check-in is open.

    Raises Refused `not_allowed`, `checkin_closed`, `choice_missing` (nothing chosen, or a feeling that this
    check-in does not offer), Missing.
    """
    viewer.must(Capability.ANSWER)
    if viewer.is_preview:
        _must_offer(domain_checkins.must_be_open(domain_checkins.of(db, viewer, checkin_id)), choice)
        return Outcome.NOT_KEPT
    held = checkins.touch_open(db, checkin_id)
    if held is None or held.course_id != viewer.course_id or not domain_checkins.is_there_for(db, viewer, held):
        domain_checkins.of(db, viewer, checkin_id)
        raise Refused("checkin_closed")
    _must_offer(held, choice)
    if held.is_anonymous:
        return _give_anonymously(db, viewer, held, choice, sealer)
    return _give_named(db, viewer, held, choice, now)


def _must_offer(checkin: Any, choice: str) -> None:
    if choice not in FORMS[checkin.form].keys:
        raise Refused("choice_missing")


def _give_named(db: Session, viewer: Viewer, checkin: Any, choice: str, now: datetime) -> Outcome:
    day = now.date()
    if not answers.add(db, checkin.id, viewer.person_id, choice, now):
        before = answers.own(db, checkin.id, viewer.person_id)
        answers.change(db, checkin.id, viewer.person_id, choice, now)
        # The answer moves within the day it was first given on, so that each person is counted once.
        day = before.answered_at.date()
        answers.add_to_tally(db, checkin.course_id, checkin.id, day, before.choice, -1)
    answers.add_to_tally(db, checkin.course_id, checkin.id, day, choice, 1)
    gradebooks.mark(db, checkin, viewer.person_id, now)
    return Outcome.GIVEN


def _give_anonymously(db: Session, viewer: Viewer, checkin: Any, choice: str, sealer: Sealer) -> Outcome:
    if not answers.take_part(db, checkin.id, viewer.person_id):
        return Outcome.ALREADY_GIVEN
    answers.keep_sealed(db, checkin.id, secrets.token_bytes(16), sealer.seal(checkin.id, choice))
    if checkin.release == "in_steps":
        batches.release_in_steps(db, checkin, sealer)
    return Outcome.GIVEN


def own(db: Session, viewer: Viewer, checkin: Any) -> OwnAnswer:
    """What the viewer has answered."""
    if checkin.is_anonymous:
        return OwnAnswer(answers.took_part(db, checkin.id, viewer.person_id), None)
    row = answers.own(db, checkin.id, viewer.person_id)
    return OwnAnswer(row is not None, row.choice if row else None)
