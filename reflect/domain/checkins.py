"""A check-in's life: opened with its promises, closed once and for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlmodel import Session

from reflect.domain import gradebooks
from reflect.domain.capabilities import Capability
from reflect.domain.privacy import batches, release
from reflect.domain.privacy.sealing import Sealer
from reflect.domain.questions import QUESTIONS
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.services import has_gradebook
from reflect.domain.sessions import Viewer
from reflect.storage import answers, checkins
from reflect.storage.checkins import Checkin
from reflect.storage.tables import key_of

LONGEST_QUESTION = 200
VOCABULARIES = ("core", "full")
RELEASES = ("at_close", "in_steps")
ANONYMITIES = ("named", "anonymous")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a teacher asks for, checked."""

    question: str
    question_key: str | None
    vocabulary: str
    is_anonymous: bool
    release: str
    shared_with_class: bool
    gives_mark: bool

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields; raises FormRefused with a code for each field at fault."""
        errors = {
            field: "choose"
            for field, allowed in (
                ("vocabulary", VOCABULARIES),
                ("anonymity", ANONYMITIES),
                ("release", RELEASES),
            )
            if form.get(field, allowed[0]) not in allowed
        }
        own, key = " ".join(form.get("question", "").split()), form.get("question_key", "")
        if key and key not in QUESTIONS:
            errors["question_key"] = "choose"
        elif not own and not key:
            errors["question"] = "question_missing"
        elif len(own) > LONGEST_QUESTION:
            errors["question"] = "question_too_long"
        elif not own.isprintable():
            errors["question"] = "question_unprintable"
        if errors:
            raise FormRefused(errors)
        return cls(
            question=own or QUESTIONS[key].text("en"),
            question_key=None if own else key,
            vocabulary=form.get("vocabulary", "core"),
            is_anonymous=form.get("anonymity", "named") == "anonymous",
            release=form.get("release", "at_close"),
            shared_with_class=bool(form.get("shared_with_class")),
            gives_mark=bool(form.get("gives_mark")),
        )


def open(db: Session, viewer: Viewer, draft: Draft, min_group_size: int, now: datetime) -> int:
    """Put the question to the viewer's course; the new check-in's id."""
    return _make(db, viewer, draft, min_group_size, now)


def prepare(db: Session, viewer: Viewer, draft: Draft, min_group_size: int) -> int:
    """Make a check-in that students do not see before somebody opens it; its id."""
    return _make(db, viewer, draft, min_group_size, None)


def _make(db: Session, viewer: Viewer, draft: Draft, min_group_size: int, opened_at: datetime | None) -> int:
    viewer.must(Capability.CREATE_CHECKINS)
    checkin = Checkin(
        course_id=viewer.course_id,
        author_id=viewer.person_id,
        question=draft.question,
        question_key=draft.question_key,
        vocabulary=draft.vocabulary,
        is_anonymous=draft.is_anonymous,
        release=draft.release,
        shared_with_class=draft.shared_with_class,
        gives_mark=draft.gives_mark and has_gradebook(db, viewer.course_id),
        min_group_size=min_group_size,
        opened_at=opened_at,
    )
    db.add(checkin)
    db.flush()
    return key_of(checkin)


def of(db: Session, viewer: Viewer, checkin_id: int) -> Any:
    """A check-in of the viewer's course; another course's, or one that is only prepared, does not exist for them."""
    checkin = checkins.find(db, checkin_id)
    if checkin is None or checkin.course_id != viewer.course_id:
        raise Missing()
    if checkin.opened_at is None and not viewer.may(Capability.CREATE_CHECKINS):
        raise Missing()
    return checkin


def open_prepared(db: Session, viewer: Viewer, checkin_id: int, min_group_size: int, now: datetime) -> None:
    """Put a prepared check-in to the course, under today's group size. Opening twice changes nothing."""
    viewer.must(Capability.CREATE_CHECKINS)
    of(db, viewer, checkin_id)
    checkins.set_open(db, checkin_id, min_group_size, now)


def close(db: Session, viewer: Viewer, checkin_id: int, sealer: Sealer, now: datetime) -> None:
    """Take no more answers, and publish what may be published. Closing twice changes nothing."""
    viewer.must(Capability.CLOSE_CHECKINS)
    of(db, viewer, checkin_id)
    checkin = checkins.touch_open(db, checkin_id)
    if checkin is None:
        return
    withheld = batches.release_at_close(db, checkin, sealer) if checkin.is_anonymous else 0
    if checkin.is_anonymous:
        gradebooks.mark_all(db, checkin, now)
    if checkin.shared_with_class and not checkin.is_anonymous:
        _publish_to_class(db, checkin)
    checkins.set_closed(db, checkin_id, now, withheld)


def _publish_to_class(db: Session, checkin: Any) -> None:
    totals = answers.tally(db, checkin.id)
    if release.is_due(sum(totals.values()), checkin.min_group_size):
        answers.publish_to_class(db, checkin.id, release.soften(totals))


def must_be_open(checkin: Any) -> Any:
    """The check-in, or Refused `checkin_closed`."""
    if checkin.closed_at is not None:
        raise Refused("checkin_closed")
    return checkin
