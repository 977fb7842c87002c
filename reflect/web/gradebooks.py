"""Delivering participation marks: the outbox is emptied by the way, each mark once, failures later again."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from reflect.domain import gradebooks
from reflect.domain.gradebooks import Hold
from reflect.lti.grades import Score, score
from reflect.lti.line_items import LineItemDraft, LineItemGone, create, line_items
from reflect.lti.messages import Grades
from reflect.lti.service_refusals import ServiceRefused
from reflect.storage.checkins import Checkin
from reflect.storage.people import Person
from reflect.storage.services import CourseService, LineItem, due_scores, is_any_score_due, registrations_due
from reflect.storage.services import Score as Waiting
from reflect.web.house import House
from reflect.web.platforms import Counterpart, connection, counterpart

MOST = 50
"""Marks for one platform in one round."""
LEASE = timedelta(minutes=5)
"""A mark that a worker has taken is nobody else's for this long; a worker that dies gives it back by that."""
SENDING = 20.0
"""Seconds of a round in which marks are begun to be sent, so that a slow platform does not keep others from the next.
The last may take two minutes more, if its column is to be looked for twice, and is done within the lease."""
ALONE = 40.0
"""Seconds for finding or making a column, fewer than the others wait for who does."""
LOOK_AGAIN = timedelta(seconds=30)
"""How long marks wait whose column somebody else is making."""
PLATFORMS_AT_ONCE = 8

log = logging.getLogger("reflect.gradebooks")


class ColumnAwaited(Exception):
    """The check-in has no column yet, and somebody else is making it: the platform, or another worker."""


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

    @property
    def key(self) -> tuple[int, int]:
        """Of its row in the outbox."""
        return self.checkin_id, self.person_id


def column_of(checkin_id: int, question: str) -> LineItemDraft:
    """The gradebook column of a check-in: one point for taking part."""
    return LineItemDraft(question, 1, resource_id=f"checkin-{checkin_id}", tag="took-part")


async def deliver(house: House) -> int:
    """Send the marks that are due; how many the platforms have taken. They are called side by side."""
    if not await house.database.read(lambda db: is_any_score_due(db, house.now())):
        return 0
    turns = asyncio.Semaphore(PLATFORMS_AT_ONCE)

    async def turn(registration_id: int) -> int:
        async with turns:
            return await _deliver_to(house, registration_id)

    waiting = await house.database.read(lambda db: registrations_due(db, house.now()))
    # What goes wrong with one is told when the others are done.
    done = await asyncio.gather(*map(turn, waiting), return_exceptions=True)
    for outcome in done:
        if isinstance(outcome, BaseException):
            raise outcome
    return sum(outcome for outcome in done if isinstance(outcome, int))


async def _deliver_to(house: House, registration_id: int) -> int:
    """Send what is due at one platform, until it takes nothing for now or the time is up; how many it has taken.

    Where it breaks down over one check-in, only that one's marks wait, for Moodle does so when a column is locked. Over
    a second one it counts as down.
    """
    parcels = await house.database.write(lambda db: _collect(db, house, registration_id))
    clock, columns, taken = asyncio.get_running_loop().time, dict[int, str | None](), 0
    ends, failing = clock() + SENDING, set[int]()
    for position, parcel in enumerate(parcels):
        if parcel.checkin_id in failing:
            continue
        rest = [left.key for left in parcels[position:] if left.checkin_id not in failing]
        if position and clock() >= ends:
            await _put_off(house, rest, house.now())
            break
        try:
            taken += await _send(house, parcel, columns)
        except ServiceRefused as refusal:
            await _refused(house, parcel, refusal)
            if refusal.is_of_platform or (refusal.is_passing and failing):
                await _spare(house, registration_id, rest[1:], refusal)
                break
            if refusal.is_passing:
                failing.add(parcel.checkin_id)
                of_checkin = [key for key in rest[1:] if key[0] == parcel.checkin_id]
                await _spare(house, registration_id, of_checkin, refusal, parcel.checkin_id)
    return taken


def _collect(db: Session, house: House, registration_id: int) -> list[Parcel]:
    parcels, now = [], house.now()
    for waiting in due_scores(db, registration_id, now, MOST):
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


async def _send(house: House, parcel: Parcel, columns: dict[int, str | None]) -> bool:
    """Whether the platform has taken it; otherwise it waits for its column. Raises ServiceRefused.

    `columns` are those looked for in this round, by check-in, with None for what is not there yet.
    """
    at = gradebooks.moment_after(parcel.sent_at, house.now())
    try:
        column = columns.get(parcel.checkin_id, parcel.column_url) or await _column(house, parcel, columns)
        try:
            await _score(house, parcel, column, at)
        except LineItemGone:
            # After a course copy or a deletion the column is elsewhere, or must be made again.
            await _score(house, parcel, await _column(house, parcel, columns), at)
    except ColumnAwaited:
        await _put_off(house, [parcel.key], house.now() + LOOK_AGAIN)
        return False
    await house.database.write(lambda db: gradebooks.sent(db, *parcel.key, at))
    return True


async def _put_off(house: House, keys: Sequence[tuple[int, int]], until: datetime) -> None:
    await house.database.write(lambda db: gradebooks.put_off(db, keys, until))


async def _refused(house: House, parcel: Parcel, refusal: ServiceRefused) -> None:
    about = {"checkin": parcel.checkin_id, "code": refusal.code, "detail": refusal.detail}
    log.warning("mark refused", extra=about)
    code, later, now = refusal.code, _asked_for(refusal), house.now()
    await house.database.write(lambda db: gradebooks.failed(db, *parcel.key, code, now, later))


async def _spare(
    house: House,
    registration_id: int,
    keys: Sequence[tuple[int, int]],
    refusal: ServiceRefused,
    checkin_id: int | None = None,
) -> None:
    """Ask the platform for nothing else now, or nothing else for one check-in: it would be as vain, or too much."""
    later, now = _asked_for(refusal), house.now()
    await house.database.write(lambda db: gradebooks.spare(db, registration_id, keys, now, later, checkin_id))


def _asked_for(refusal: ServiceRefused) -> timedelta | None:
    """How long the platform wants to be left alone."""
    return timedelta(seconds=refusal.retry_after) if refusal.retry_after else None


async def _score(house: House, parcel: Parcel, column_url: str, at: datetime) -> None:
    mark = Score(user_id=parcel.sub, given=1, maximum=1, at=at)
    try:
        await score(connection(house, parcel.to), parcel.grades, column_url, mark)
    except ServiceRefused as refusal:
        # A conflict says that the platform has this mark already.
        if refusal.code != "conflict":
            raise


async def _column(house: House, parcel: Parcel, columns: dict[int, str | None]) -> str:
    """Where the check-in's column is in the gradebook, found or made; raises ServiceRefused, ColumnAwaited."""
    key, now = parcel.checkin_id, house.now()
    if key in columns and columns[key] is None:
        raise ColumnAwaited
    held = await house.database.write(lambda db: gradebooks.hold(db, key, now), order=key)
    try:
        async with asyncio.timeout(ALONE):
            url = await _found(house, parcel, held)
            if url is None and held.is_ours:
                url = await _made(house, parcel, held)
    except TimeoutError:
        raise ServiceRefused("timeout", f"no column within {ALONE:g} s") from None
    columns[key] = url
    if url is None:
        raise ColumnAwaited
    await house.database.write(lambda db: gradebooks.found(db, key, url, house.now()))
    return url


async def _found(house: House, parcel: Parcel, held: Hold) -> str | None:
    draft = column_of(parcel.checkin_id, parcel.question)
    try:
        # Whichever link it is bound to: in one course, our name for it means one check-in.
        ours = await line_items(
            connection(house, parcel.to), parcel.grades, resource_id=draft.resource_id, tag=draft.tag
        )
    except ServiceRefused:
        await house.database.write(lambda db: gradebooks.let_go(db, parcel.checkin_id, held))
        raise
    return ours[0].url if ours else None


async def _made(house: House, parcel: Parcel, held: Hold) -> str:
    draft = column_of(parcel.checkin_id, parcel.question)
    try:
        return (await create(connection(house, parcel.to), parcel.grades, draft)).url
    except ServiceRefused as refusal:
        # Otherwise it may come to be all the same, and is held until that shows.
        if not refusal.is_passing:
            await house.database.write(lambda db: gradebooks.let_go(db, parcel.checkin_id, held))
        raise
