"""A check-in: prepared or opened with its promises. What becomes of it is in `closures` and `lifecycle`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import select
from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.forms import DEFAULT, OFFERED
from reflect.domain.privacy import audiences
from reflect.domain.questions import QUESTIONS
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.schedules import GROUP
from reflect.domain.services import has_gradebook
from reflect.domain.sessions import Stay, Viewer
from reflect.domain.writing import in_one_line, is_readable
from reflect.storage import checkins, groups
from reflect.storage.api_keys import reads_by_name
from reflect.storage.checkins import Checkin
from reflect.storage.groups import CheckinGroup
from reflect.storage.tables import key_of

LONGEST_QUESTION = 200
_OF_CHECKINS = (Capability.ANSWER, Capability.SEE_RESULTS, Capability.CREATE_CHECKINS)
RELEASES = ("at_close", "in_steps")
ANONYMITIES = ("named", "anonymous")
MANNERS = ("character", "plain")
FORM = "answer_form"
"""The field that says how to answer; one that is called `form` would hide a page's own form from its scripts."""
MOST_GROUPS = 200
"""Groups that one check-in may be put to."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a teacher asks for, checked."""

    question: str
    question_key: str | None
    form: str
    is_anonymous: bool
    release: str
    shared_with_class: bool
    gives_mark: bool
    group_ids: frozenset[int] = frozenset()
    """The groups it is put to; none for everyone."""
    labels: tuple[str, ...] | None = None
    asks_note: bool = False
    simple_words: bool = False
    manner: str = MANNERS[0]

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields; raises FormRefused with a code for each field at fault."""
        errors = {
            field: "choose"
            for field, allowed in (
                (FORM, tuple(OFFERED)),
                ("anonymity", ANONYMITIES),
                ("release", RELEASES),
                ("manner", MANNERS),
            )
            if form.get(field, allowed[0]) not in allowed
        }
        own, key = in_one_line(form.get("question", "")), form.get("question_key", "")
        if fault := _fault_of_question(own, key):
            errors["question_key" if fault == "choose" else "question"] = fault
        chosen = [name.removeprefix(GROUP) for name, value in form.items() if name.startswith(GROUP) and value]
        if not all(number.isdecimal() and len(number) < 10 for number in chosen):
            errors["groups"] = "choose"
        elif len(chosen) > MOST_GROUPS:
            errors["groups"] = "groups_too_many"
        labels = _labels_of(form, errors)
        if errors:
            raise FormRefused(errors)
        return cls(
            question=own or QUESTIONS[key].text("en"),
            question_key=None if own else key,
            form=form.get(FORM, DEFAULT),
            is_anonymous=form.get("anonymity", "named") == "anonymous",
            release=form.get("release", "at_close"),
            shared_with_class=bool(form.get("shared_with_class")),
            gives_mark=bool(form.get("gives_mark")),
            group_ids=frozenset(map(int, chosen)),
            labels=labels,
            asks_note=bool(form.get("asks_note")),
            simple_words=bool(form.get("simple_words")),
            manner=form.get("manner", MANNERS[0]),
        )


def _fault_of_question(own: str, key: str) -> str:
    if key and key not in QUESTIONS:
        return "choose"
    if not own and not key:
        return "question_missing"
    if len(own) > LONGEST_QUESTION:
        return "question_too_long"
    return "" if is_readable(own) else "question_unprintable"


def _labels_of(form: Mapping[str, str], errors: dict[str, str]) -> tuple[str, ...] | None:
    """The own labels of the form that was picked; a fault goes to the others."""
    picked = OFFERED.get(form.get(FORM, DEFAULT))
    try:
        labels = picked.read_labels(form) if picked else None
    except FormRefused as refusal:
        errors |= refusal.errors
        return None
    return None if labels is None else tuple(labels)


def open(db: Session, viewer: Viewer, draft: Draft, min_group_size: int, now: datetime) -> int:
    """Put the question to the viewer's course or to some of its groups; the new check-in's id.

    Raises FormRefused with `groups`: `choose`, or a fault of `audiences.fault_of`.
    """
    return _make(db, viewer, draft, min_group_size, now, is_open=True)


def prepare(db: Session, viewer: Viewer, draft: Draft, min_group_size: int, now: datetime) -> int:
    """Make a check-in that students do not see before somebody opens it; its id. Raises what `open` does."""
    return _make(db, viewer, draft, min_group_size, now, is_open=False)


def _make(db: Session, viewer: Viewer, draft: Draft, min_group_size: int, now: datetime, *, is_open: bool) -> int:
    viewer.must(Capability.CREATE_CHECKINS)
    checkin = Checkin(
        course_id=viewer.course_id,
        author_id=viewer.person_id,
        **settings_of(db, viewer.course_id, draft),
        min_group_size=min_group_size,
        opened_at=now if is_open else None,
    )
    audiences.refuse(db, checkin, draft.group_ids, now)
    if is_open and not checkin.is_anonymous:
        checkin.is_exported = bool(db.scalar(select(reads_by_name(checkin.course_id))))
    db.add(checkin)
    db.flush()
    put_to(db, key_of(checkin), draft.group_ids)
    return key_of(checkin)


def settings_of(db: Session, course_id: int, draft: Draft) -> dict[str, Any]:
    """The columns of a check-in that its teacher decides."""
    return {
        "question": draft.question,
        "question_key": draft.question_key,
        "form": draft.form,
        "labels": None if draft.labels is None else list(draft.labels),
        "asks_note": draft.asks_note,
        "simple_words": draft.simple_words,
        "manner": draft.manner,
        "is_anonymous": draft.is_anonymous,
        "release": draft.release,
        "shared_with_class": draft.shared_with_class,
        "gives_mark": draft.gives_mark and has_gradebook(db, course_id),
        "for_groups": bool(draft.group_ids),
    }


def put_to(db: Session, checkin_id: int, group_ids: frozenset[int]) -> None:
    """Put a new check-in to these groups."""
    db.add_all(CheckinGroup(checkin_id=checkin_id, group_id=group_id) for group_id in sorted(group_ids))
    db.flush()


def of(db: Session, viewer: Viewer, checkin_id: int) -> Any:
    """A check-in of the viewer's course that is there for them; any other does not exist."""
    checkin = checkins.find(db, checkin_id)
    if checkin is None or checkin.course_id != viewer.course_id or not is_there_for(db, viewer, checkin):
        raise Missing()
    return checkin


def is_there_for(db: Session, who: Viewer | Stay, checkin: Any) -> bool:
    """Whether a check-in of their course exists for somebody: a student must be asked, and it must be open.

    For who has nothing to do with check-ins, an observer, none does.
    """
    if checkin.deleted_at is not None or not any(map(who.may, _OF_CHECKINS)):
        return False
    if (checkin.opened_at is None or checkin.archived_at is not None) and not who.may(Capability.CREATE_CHECKINS):
        return False
    if not checkin.for_groups or not _is_asked_by_group(who):
        return True
    return groups.is_asked(db, checkin.id, who.person_id)


def _is_asked_by_group(who: Viewer | Stay) -> bool:
    """Staff see every check-in of the course, also while they look as a student."""
    return who.may(Capability.ANSWER) and not who.is_preview


def of_course(db: Session, viewer: Viewer) -> Sequence[Any]:
    """All check-ins of the viewer's course that are there for them, open ones first, then newest first."""
    rows = checkins.of_course(db, viewer.course_id)
    if not viewer.may(Capability.CREATE_CHECKINS):
        rows = [row for row in rows if row.opened_at is not None]
    if not _is_asked_by_group(viewer) or not any(row.for_groups for row in rows):
        return rows
    asked = groups.asked(db, viewer.course_id, viewer.person_id)
    return [row for row in rows if not row.for_groups or row.id in asked]


def open_prepared(db: Session, viewer: Viewer, checkin_id: int, min_group_size: int, now: datetime) -> None:
    """Put a prepared check-in to the course, under today's group size. Opening twice changes nothing.

    Raises Refused `groups_too_small`, `groups_overlap` if that would single somebody out, `checkin_archived`, Missing.
    """
    viewer.must(Capability.CREATE_CHECKINS)
    checkin = of(db, viewer, checkin_id)
    if checkin.archived_at is not None:
        raise Refused("checkin_archived")
    if checkin.opened_at is None and (fault := audiences.standing_fault(db, checkin, min_group_size, now)):
        raise Refused(fault)
    checkins.set_open(db, checkin_id, min_group_size, now, closing_of(checkin, now))


def closing_of(checkin: Any, opens_at: datetime) -> datetime | None:
    """When a check-in that opens then closes by itself; None where somebody closes it."""
    return None if checkin.closes_after is None else opens_at + timedelta(minutes=checkin.closes_after)


def must_be_open(checkin: Any) -> Any:
    """The check-in, or Refused `checkin_closed`."""
    if checkin.closed_at is not None:
        raise Refused("checkin_closed")
    return checkin
