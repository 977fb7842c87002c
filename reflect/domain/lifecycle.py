"""What may become of a check-in besides opening and closing: edited, duplicated, reopened, put away, deleted."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from reflect.domain import checkins, closures, forms, revisions, series
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import FORM, Draft
from reflect.domain.privacy import audiences
from reflect.domain.privacy.sealing import Sealer
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.schedules import GROUP, Schedule
from reflect.domain.sessions import Viewer
from reflect.storage import checkins as storage
from reflect.storage import groups, guests
from reflect.storage.answers import Answer, participants
from reflect.storage.checkins import Checkin
from reflect.storage.groups import CheckinGroup
from reflect.storage.tables import key_of

UNDO = timedelta(minutes=10)
"""For so long a deleted check-in can be brought back."""
OF_LIFE = frozenset(
    {"id", "course_id", "author_id", "copied_from_id", "min_group_size", "opens_at", "opened_at", "closed_at",
     "closes_at", "opening_fault", "is_exported", "import_key", "archived_at", "deleted_at", "draft_key", "typed_times",
     "series_id", "occurs_on", "withheld", "version", "revision"}
)  # fmt: skip
"""Columns of a check-in that tell what became of it. All others are its settings, which a duplicate has too."""


def settings(checkin: Any) -> dict[str, Any]:
    """The settings of a check-in, by their columns."""
    columns = Checkin.__table__.c  # type: ignore[attr-defined]
    return {name: getattr(checkin, name) for name in columns.keys() if name not in OF_LIFE}  # noqa: SIM118


def group_ids_of(db: Session, checkin: Any) -> frozenset[int]:
    """The groups that a check-in is put to."""
    return frozenset(group.id for group in groups.of_checkins(db, checkin.course_id).get(checkin.id, []))


def fields_of(db: Session, checkin: Any) -> dict[str, str]:
    """A check-in as the fields of the form that makes such a one; what `Draft.read` reads."""
    typed = {
        name: "yes" if value is True else "" if value is None or value is False else str(value)
        for name, value in settings(checkin).items()
    }
    typed |= {FORM: typed.pop("form")} | forms.fields_of_labels(checkin)
    if checkin.question_key:
        typed["question"] = ""
    typed["anonymity"] = "anonymous" if checkin.is_anonymous else "named"
    return typed | {f"{GROUP}{group_id}": "yes" for group_id in group_ids_of(db, checkin)}


def has_answers(db: Session, checkin: Any) -> bool:
    """Whether anybody has answered, guests included."""
    by_name = select(col(Answer.person_id)).where(col(Answer.checkin_id) == checkin.id).limit(1)
    if participants(db, checkin.id) > 0 or db.scalar(by_name) is not None:
        return True
    opening = guests.find(db, checkin.id)
    return opening is not None and opening.answered > 0


def must_be_editable(db: Session, checkin: Any) -> None:
    """Raise Refused `checkin_closed` or `checkin_answered` where a check-in cannot be changed any more."""
    if checkin.closed_at is not None:
        raise Refused("checkin_closed")
    if has_answers(db, checkin):
        raise Refused("checkin_answered")


def edit(
    db: Session,
    viewer: Viewer,
    checkin_id: int,
    draft: Draft,
    min_group_size: int,
    now: datetime,
    schedule: Schedule | None = None,
) -> None:
    """Change a prepared check-in, or an open one that nobody has answered.

    Raises Refused `checkin_answered`, `checkin_closed`, FormRefused with `promise_given` for a promise that students
    may have read already and that the change would weaken, or what opening raises.
    """
    viewer.must(Capability.CREATE_CHECKINS)
    row = _hold(db, viewer, checkin_id)
    must_be_editable(db, row)
    if row.opened_at is None:
        row.min_group_size = min_group_size
        (schedule or Schedule("now")).note_in(row)
    else:
        _keep_promises(db, row, draft)
    wanted = checkins.settings_of(db, row.course_id, draft)
    revisions.count(row, wanted)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 1
    with db.no_autoflush:
        audiences.refuse(db, row, draft.group_ids, now)
    db.exec(delete(CheckinGroup).where(col(CheckinGroup.checkin_id) == checkin_id))
    checkins.put_to(db, checkin_id, draft.group_ids)
    storage.let_go(db, checkin_id)


def _keep_promises(db: Session, row: Checkin, draft: Draft) -> None:
    """Of an open one: a student may be looking at the receipt, so it may only come to promise more."""
    weakened = {
        "anonymity": row.is_anonymous and not draft.is_anonymous,
        "release": row.is_anonymous and draft.is_anonymous and row.release != draft.release,
        "shared_with_class": draft.shared_with_class and not row.shared_with_class,
        "groups": draft.group_ids != group_ids_of(db, row),
    }
    if any(weakened.values()):
        raise FormRefused({field: "promise_given" for field, is_so in weakened.items() if is_so})


def duplicate(db: Session, viewer: Viewer, checkin_id: int, min_group_size: int) -> int:
    """Prepare another check-in with the same settings and groups; its id."""
    viewer.must(Capability.CREATE_CHECKINS)
    row = checkins.of(db, viewer, checkin_id)
    kept = settings(row) | ({"form": forms.DEFAULT} if row.import_key else {})
    twin = Checkin(course_id=row.course_id, author_id=viewer.person_id, min_group_size=min_group_size, **kept)
    db.add(twin)
    db.flush()
    checkins.put_to(db, key_of(twin), group_ids_of(db, row))
    return key_of(twin)


def close_due(db: Session, sealer: Sealer, now: datetime, only: int | None = None) -> int:
    """Close the check-ins that are to be closed by now, or the one with this id, as by hand; how many."""
    return sum(closures.finish(db, checkin.id, sealer, now) for checkin in storage.to_close(db, now, only))


def reopen(db: Session, viewer: Viewer, checkin_id: int, min_group_size: int, now: datetime) -> None:
    """Let a closed named check-in take answers again, until somebody closes it; an open one stays as it is.

    Raises Refused `checkin_released` for an anonymous one (its answers were opened at its close, or destroyed) and
    `checkin_imported` for one whose answers were given elsewhere.
    """
    # Whoever sees no answers cannot know whether more are wanted.
    viewer.must(Capability.SEE_RESULTS)
    row = _hold(db, viewer, checkin_id)
    if row.closed_at is None:
        return
    if row.is_anonymous:
        raise Refused("checkin_released")
    if row.import_key is not None:
        raise Refused("checkin_imported")
    if row.archived_at is not None:
        raise Refused("checkin_archived")
    if fault := audiences.standing_fault(db, row, min_group_size, now):
        raise Refused(fault)
    row.closed_at, row.closes_at, row.version = None, None, row.version + 1
    db.flush()
    storage.let_go(db, checkin_id)


def archive(db: Session, viewer: Viewer, checkin_id: int, now: datetime) -> None:
    """Take a check-in out of the lists and keep it. Raises Refused `archive_open` for one that is open."""
    viewer.must(Capability.CREATE_CHECKINS)
    row = _hold(db, viewer, checkin_id)
    if row.opened_at is not None and row.closed_at is None:
        raise Refused("archive_open")
    row.archived_at = row.archived_at or now
    row.version += 1
    db.flush()


def unarchive(db: Session, viewer: Viewer, checkin_id: int) -> None:
    """Bring an archived check-in back to the lists. What should have opened meanwhile waits for somebody."""
    viewer.must(Capability.CREATE_CHECKINS)
    row = _hold(db, viewer, checkin_id)
    if row.archived_at is not None:
        row.archived_at, row.opens_at = None, None
        row.version += 1
        db.flush()


def archived(db: Session, viewer: Viewer) -> list[Checkin]:
    """The archived check-ins of the viewer's course, the last archived first."""
    viewer.must(Capability.CREATE_CHECKINS)
    kept = select(Checkin).where(col(Checkin.course_id) == viewer.course_id, col(Checkin.archived_at).is_not(None))
    return list(
        db.scalars(
            kept.where(col(Checkin.deleted_at).is_(None)).order_by(
                col(Checkin.archived_at).desc(), col(Checkin.opened_at).desc()
            )
        )
    )


def remove(db: Session, viewer: Viewer, checkin_id: int, now: datetime) -> None:
    """Delete a check-in with its answers: gone for everybody at once, for good after `UNDO`."""
    viewer.must(Capability.CREATE_CHECKINS)
    row = _hold(db, viewer, checkin_id)
    if row.opened_at is not None:
        # Its answers go with it: that is for who sees them.
        viewer.must(Capability.SEE_RESULTS)
    row.deleted_at = now
    row.version += 1
    db.flush()
    storage.let_go(db, checkin_id)
    series.skip(db, row)


def bring_back(db: Session, viewer: Viewer, checkin_id: int, now: datetime) -> None:
    """Undo a deletion; raises Missing once it is too late."""
    viewer.must(Capability.CREATE_CHECKINS)
    row = db.get(Checkin, checkin_id, with_for_update=True)
    if row is None or row.course_id != viewer.course_id:
        raise Missing()
    if row.deleted_at is None:
        return
    if row.deleted_at + UNDO <= now:
        raise Missing()
    row.deleted_at = None
    row.version += 1
    db.flush()
    series.unskip(db, row)


def deleted(db: Session, viewer: Viewer, now: datetime) -> list[Checkin]:
    """The deleted check-ins of the viewer's course that can still be brought back, the last deleted first."""
    gone = select(Checkin).where(col(Checkin.course_id) == viewer.course_id, col(Checkin.deleted_at) > now - UNDO)
    return list(db.scalars(gone.order_by(col(Checkin.deleted_at).desc())))


def _hold(db: Session, viewer: Viewer, checkin_id: int) -> Checkin:
    """The row of a check-in that is there for the viewer, held until commit, so that no answer slips in."""
    checkins.of(db, viewer, checkin_id)
    row = db.get_one(Checkin, checkin_id, with_for_update=True, populate_existing=True)
    if row.deleted_at is not None:
        raise Missing()
    return row
