"""Guests: whoever answers an anonymous check-in by its public address, without an account and without a session."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import answers, revisions
from reflect.domain import checkins as domain_checkins
from reflect.domain.capabilities import Capability
from reflect.domain.guest_codes import new_code
from reflect.domain.privacy import batches
from reflect.domain.privacy.sealing import Content, Sealer, size_of
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.results import Results, of_totals, with_texts
from reflect.domain.sessions import Viewer
from reflect.storage import checkins, guests

USUAL_PLACES, MOST_PLACES = 200, 2000


@dataclass(frozen=True, slots=True)
class GuestResults:
    """What may be shown of the guests' answers, and how things stand with their way in."""

    opening: Any
    """The row of the opening: code, places, answered, launched, withheld, opened_at, closed_at."""
    results: Results

    @property
    def has_address(self) -> bool:
        """Whether it was ever opened by the public address: who launches without a person may have answered before."""
        return bool(self.opening.places)


def read_places(form: Mapping[str, str], min_group_size: int) -> int:
    """How many guests may answer, from a form; raises FormRefused with `places`."""
    typed = form.get("places", str(USUAL_PLACES)).strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 6 and min_group_size <= int(typed) <= MOST_PLACES):
        raise FormRefused({"places": "places"})
    return int(typed)


def open_to_guests(db: Session, viewer: Viewer, checkin_id: int, places: int, now: datetime) -> str:
    """Let everybody who knows the code answer; the code. Opening again keeps code, answers and count.

    Raises Refused `not_allowed`, `guests_named` (guests have no name to show), `checkin_closed`, Missing.
    """
    viewer.must(Capability.SHARE)
    checkin = domain_checkins.of(db, viewer, checkin_id)
    if not checkin.is_anonymous:
        raise Refused("guests_named")
    if checkins.touch_open(db, checkin_id) is None:
        raise Refused("checkin_closed")
    known = guests.find(db, checkin_id)
    code = known.code if known else new_code()
    guests.open(db, checkin_id, code, places, viewer.person_id, now)
    return str(code)


def close_to_guests(db: Session, viewer: Viewer, checkin_id: int, now: datetime) -> None:
    """Take no more answers of guests. What they answered follows the check-in's own release, as they were told."""
    viewer.must(Capability.SHARE)
    domain_checkins.of(db, viewer, checkin_id)
    checkins.touch_open(db, checkin_id)
    guests.close(db, checkin_id, viewer.person_id, now)


def invited(db: Session, code: str) -> Any:
    """The check-in that guests may answer by this code.

    Raises Missing `guest_code_unknown`, Refused `guests_closed`, `guests_full`.
    """
    opening = guests.by_code(db, code)
    if opening is None:
        raise Missing("guest_code_unknown")
    checkin = checkins.find(db, opening.checkin_id)
    if checkin.deleted_at is not None:
        raise Missing("guest_code_unknown")
    if opening.closed_at is not None or checkin.closed_at is not None:
        raise Refused("guests_closed")
    if by_address(opening) >= opening.places:
        raise Refused("guests_full")
    return checkin


def by_address(opening: Any) -> int:
    """How many guests have answered by the public address: they alone take places."""
    return int(opening.answered - opening.launched)


def answer(db: Session, code: str, content: Content, sealer: Sealer, revision: int = 0) -> None:
    """Keep a guest's answer to a revision of the question, sealed, and nothing of the guest.

    Raises what `invited` raises, Refused `question_changed`, and for what was written as `answers.checked` does.
    """
    checkin = invited(db, code)
    held = checkins.touch_open(db, checkin.id)
    if held is None:
        raise Refused("guests_closed")
    revisions.must_be(held, revision)
    said = answers.checked(held, content)
    if not guests.take_place(db, checkin.id):
        # Somebody else took the last place, or closed it, since it was looked at.
        raise Refused("guests_full")
    guests.keep_sealed(db, checkin.id, secrets.token_bytes(16), sealer.seal(checkin.id, said, size_of(held)))
    if held.release == "in_steps":
        batches.release_guests_in_steps(db, held, sealer)


def for_staff(db: Session, viewer: Viewer, checkin: Any) -> GuestResults | None:
    """The guests' side of a check-in, or None where it was never opened to any."""
    viewer.must(Capability.SEE_RESULTS)
    opening = guests.find(db, checkin.id)
    if opening is None:
        return None
    totals = of_totals(checkin, guests.tally(db, checkin.id), opening.answered, opening.withheld)
    return GuestResults(opening, with_texts(totals, guests.texts(db, checkin.id)))


def known(db: Session, code: str) -> Any:
    """The check-in of a code, whether it still takes guests or not; raises Missing `guest_code_unknown`."""
    opening = guests.by_code(db, code)
    checkin = checkins.find(db, opening.checkin_id) if opening else None
    if checkin is None or checkin.deleted_at is not None:
        raise Missing("guest_code_unknown")
    return checkin
