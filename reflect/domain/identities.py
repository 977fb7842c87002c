"""The institution's own sign-in, and the people of platforms who are linked with it.

One identity is one person in each deployment, and one person has one identity. In several deployments the same
identity may be somebody in each: a school with two LMSs has the same people in both.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from reflect.domain import sessions
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import Stay, Viewer
from reflect.storage import identities
from reflect.storage.identities import Identity
from reflect.storage.people import Person
from reflect.storage.sessions import admit, admit_all_of, end_of_person
from reflect.storage.tables import key_of

LASTS = timedelta(days=180)
"""How long a link holds without another sign-in; then the next launch asks again, and it must be the same identity."""
VOUCHED_FOR = timedelta(days=30)
"""How long a role that a platform vouched for opens a course outside of it."""


@dataclass(frozen=True, slots=True)
class Institution:
    """The OpenID provider at which people must sign in, and how its identities are kept: under a keyed hash."""

    issuer: str
    key: bytes
    provider: bytes
    """Stands for the issuer; under another issuer or key every link is void, and people link anew."""

    @classmethod
    def of(cls, issuer: str, key: bytes) -> Self:
        """The institution of an issuer."""
        return cls(issuer, key, _hash(key, "provider", issuer)[:8])

    def mark(self, sub: str) -> bytes:
        """What is stored of an identity (issuer and `sub`)."""
        return _hash(self.key, "identity", self.issuer, sub)


def _hash(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, "".join(f"{len(part)}:{part}" for part in parts).encode(), "sha256")


def is_linked(db: Session, person_id: int, institution: Institution, today: date) -> bool:
    """Whether a person has signed in there lately enough that a launch need not ask."""
    found = identities.link_of(db, person_id)
    return found is not None and found.provider == institution.provider and found.confirmed_on + LASTS > today


def link(db: Session, token_hash: bytes, institution: Institution, sub: str, now: datetime) -> None:
    """Whoever has a session that waits has signed in as `sub`: link them, and open their sessions.

    A preview, or a person without an id of their platform, is let in this once, and nothing is kept of it. Raises
    Refused `sign_in_late` if the session is over, `identity_taken` if somebody else of the deployment has that
    identity, `identity_differs` if the person has another one.
    """
    viewer = sessions.live(db, token_hash, now)
    if viewer is None:
        raise Refused("sign_in_late")
    person = db.get_one(Person, viewer.person_id)
    if viewer.is_preview or person.is_guest:
        return admit(db, token_hash)
    try:
        _keep(db, person, institution, sub, now.date())
    except IntegrityError:  # another worker was quicker
        raise Refused("identity_taken") from None
    admit_all_of(db, viewer.person_id)


def _keep(db: Session, person: Person, institution: Institution, sub: str, today: date) -> None:
    person_id, mark = key_of(person), institution.mark(sub)
    holder = identities.holder(db, person.deployment_id, mark)
    if holder is not None and holder.person_id != person_id:
        raise Refused("identity_taken", person=str(person_id), holder=str(holder.person_id))
    found = identities.of_person(db, person_id)
    if found is None:
        found = Identity(
            person_id=person_id,
            deployment_id=person.deployment_id,
            provider=institution.provider,
            mark=mark,
            confirmed_on=today,
        )
        db.add(found)
    elif found.provider == institution.provider and found.mark != mark:
        raise Refused("identity_differs", person=str(person_id))
    found.provider, found.mark, found.confirmed_on = institution.provider, mark, today
    db.flush()


def confirm(db: Session, mark: bytes, today: date) -> None:
    """Somebody has signed in outside of their platform: their links hold from today on. Raises Refused
    `identity_unknown` if nobody is linked with that identity."""
    found = identities.with_mark(db, mark)
    if not found:
        raise Refused("identity_unknown")
    for identity in found:
        identity.confirmed_on = today


def courses(db: Session, mark: bytes, today: date) -> Sequence[Any]:
    """The courses that an identity opens outside of the platform: (id, title, label, person_id, role), by title."""
    return identities.courses_of(db, mark, today - VOUCHED_FOR)


def enter(db: Session, mark: bytes, course_id: int, locale: str, now: datetime) -> tuple[str, str]:
    """Begin a session in one of those courses, in the role that the platform vouched for; its public tab handle and
    secret token. Raises Missing for any other course."""
    for row in courses(db, mark, now.date()):
        if row.id == course_id:
            return sessions.begin(db, Stay(row.person_id, row.id, row.role, False, locale, "'none'"), now)
    raise Missing()


def unlink(db: Session, person_id: int) -> bool:
    """Take a person's link away and end their sessions, so that the next launch asks anew; whether there was one."""
    if identities.of_person(db, person_id) is None:
        return False
    identities.forget(db, person_id)
    end_of_person(db, person_id)
    return True


def admitted(viewer: Viewer) -> Viewer:
    """The viewer, or Refused `sign_in_missing` while their session waits for a sign-in."""
    if viewer.awaits_sign_in:
        raise SignInMissing(viewer)
    return viewer


class SignInMissing(Refused):
    """A session is alive and opens nothing yet: its person has to sign in at the institution's provider."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__("sign_in_missing")
        self.viewer = viewer
