"""Delivering participation marks: the outbox is emptied by the way, each mark once, failures later again."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from reflect.domain import gradebooks
from reflect.lti.grades import Score, score
from reflect.lti.line_items import LineItemDraft, LineItemGone, create, line_items
from reflect.lti.messages import Grades
from reflect.lti.service_refusals import ServiceRefused
from reflect.storage.checkins import Checkin
from reflect.storage.people import Person
from reflect.storage.services import CourseService, LineItem, due_scores, is_any_score_due
from reflect.storage.services import Score as Waiting
from reflect.web.house import House
from reflect.web.platforms import Counterpart, connection, counterpart

MOST = 50
"""Marks in one round."""
LEASE = timedelta(minutes=5)
"""A mark that a worker has taken is nobody else's for this long; a worker that dies gives it back by that."""

log = logging.getLogger("reflect.gradebooks")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mark with all that sending it needs."""

    checkin_id: int
    person_id: int
    sub: str
    question: str
    column_url: str | None
    sent_at: datetime | None
    grades: Grades
    to: Counterpart


def column_of(checkin_id: int, question: str) -> LineItemDraft:
    """The gradebook column of a check-in: one point for taking part."""
    return LineItemDraft(question, 1, resource_id=f"checkin-{checkin_id}", tag="took-part")


async def deliver(house: House) -> int:
    """Send the marks that are due; how many the platforms have taken."""
    taken = 0
    if not await house.database.read(lambda db: is_any_score_due(db, house.now())):
        return taken
    found: dict[int, str] = {}
    for parcel in await house.database.write(lambda db: _collect(db, house)):
        column_url = found.get(parcel.checkin_id, parcel.column_url)
        taken += await _send(house, replace(parcel, column_url=column_url), found)
    return taken


def _collect(db: Session, house: House) -> list[Parcel]:
    parcels, now = [], house.now()
    for waiting in due_scores(db, now, MOST):
        waiting.due_at = now + LEASE
        parcel = _parcel(db, house, waiting)
        if parcel is not None:
            parcels.append(parcel)
    return parcels


def _parcel(db: Session, house: House, waiting: Waiting) -> Parcel | None:
    checkin, person = db.get_one(Checkin, waiting.checkin_id), db.get_one(Person, waiting.person_id)
    service, to = db.get(CourseService, checkin.course_id), counterpart(db, house, checkin.course_id)
    if service is None or to is None:
        return None
    column = db.get(LineItem, waiting.checkin_id)
    scopes = tuple(service.ags_scopes.split())
    url = column.url if column else None
    grades = Grades(scopes=scopes, lineitems=service.lineitems_url, lineitem=url)
    return Parcel(
        checkin_id=waiting.checkin_id,
        person_id=waiting.person_id,
        sub=person.sub,
        question=checkin.question,
        column_url=url,
        sent_at=waiting.sent_at,
        grades=grades,
        to=to,
    )


async def _send(house: House, parcel: Parcel, found: dict[int, str]) -> bool:
    """Whether the platform has taken it; `found` are the columns looked for in this round, by check-in."""
    key, now = (parcel.checkin_id, parcel.person_id), house.now()
    at = gradebooks.moment_after(parcel.sent_at, now)
    try:
        column = parcel.column_url or await _column(house, parcel, found)
        try:
            await _score(house, parcel, column, at)
        except LineItemGone:
            # After a course copy or a deletion the column is elsewhere, or must be made again.
            await _score(house, parcel, await _column(house, parcel, found), at)
    except ServiceRefused as refusal:
        code, wait = refusal.code, refusal.retry_after
        log.warning("mark refused", extra={"checkin": parcel.checkin_id, "code": code, "detail": refusal.detail})
        later = timedelta(seconds=wait) if wait else None
        await house.database.write(lambda db: gradebooks.failed(db, *key, code, now, later))
        return False
    await house.database.write(lambda db: gradebooks.sent(db, *key, at))
    return True


async def _score(house: House, parcel: Parcel, column_url: str, at: datetime) -> None:
    mark = Score(user_id=parcel.sub, given=1, maximum=1, at=at)
    try:
        await score(connection(house, parcel.to), parcel.grades, column_url, mark)
    except ServiceRefused as refusal:
        # A conflict says that the platform has this mark already.
        if refusal.code != "conflict":
            raise


async def _column(house: House, parcel: Parcel, known: dict[int, str]) -> str:
    """Find the check-in's column in the gradebook, or make it, and remember where it is."""
    draft, to = column_of(parcel.checkin_id, parcel.question), connection(house, parcel.to)
    # Whichever link it is bound to: in one course, our name for it means one check-in.
    ours = await line_items(to, parcel.grades, resource_id=draft.resource_id, tag=draft.tag)
    found = ours[0] if ours else await create(to, parcel.grades, draft)
    known[parcel.checkin_id] = found.url

    def remember(db: Session) -> None:
        column = db.get(LineItem, parcel.checkin_id) or LineItem(checkin_id=parcel.checkin_id)
        if column.url not in (None, found.url):
            gradebooks.send_again(db, parcel.checkin_id, house.now())
        column.url = found.url
        db.add(column)

    await house.database.write(remember)
    return found.url
