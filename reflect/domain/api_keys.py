"""Keys of the API: made, used and revoked. What a key with `read.named` reads is promised on receipts before."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import delete, select
from sqlmodel import Session, col

from reflect.domain import audit
from reflect.domain.accesses import hour_of
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import fingerprint
from reflect.domain.writing import in_one_line, is_readable
from reflect.storage import api_keys
from reflect.storage.api_keys import ApiKey, KeyAccess
from reflect.storage.registrations import Registration

PREFIX = "reflect_"
"""What every secret begins with, so that one that was left lying about is known for what it is."""
LONGEST_NAME = 80
REGISTRATION = "registration_id"


class Scope(StrEnum):
    """What a key may read."""

    ANONYMOUS = "read.anonymous"
    NAMED = "read.named"


FIELDS = {Scope.ANONYMOUS: "reads_anonymous", Scope.NAMED: "reads_named"}
"""The field of the form for each scope, which is its column too."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """The key that a request came with; made only from a living one."""

    key_id: int
    name: str
    reads_anonymous: bool
    reads_named: bool
    registration_id: int | None


@dataclass(frozen=True, slots=True)
class Wish:
    """The key that an administrator asks for, checked except for its registration."""

    name: str
    reads_anonymous: bool
    reads_named: bool
    registration_id: int | None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields; raises FormRefused with `key_name` (`required`, `key_name_too_long`,
        `label_unprintable`), `scopes` (`scopes_missing`), `registration_id` (`choose`)."""
        name, errors = in_one_line(form.get("key_name", "")), {}
        if not name:
            errors["key_name"] = "required"
        elif len(name) > LONGEST_NAME:
            errors["key_name"] = "key_name_too_long"
        elif not is_readable(name):
            errors["key_name"] = "label_unprintable"
        scopes = {field: bool(form.get(field)) for field in FIELDS.values()}
        if not any(scopes.values()):
            errors["scopes"] = "scopes_missing"
        chosen = form.get(REGISTRATION, "")
        if chosen and not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 10):
            errors[REGISTRATION] = "choose"
        if errors:
            raise FormRefused(errors)
        return cls(name=name, registration_id=int(chosen) if chosen else None, **scopes)


@dataclass(frozen=True, slots=True)
class Listed:
    """A key with the name of its only registration, None for all."""

    key: ApiKey
    registration: str | None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What it may read."""
        return scopes_of(self.key)


def scopes_of(key: Any) -> tuple[Scope, ...]:
    """What a key may read."""
    return tuple(scope for scope, field in FIELDS.items() if getattr(key, field))


def make(db: Session, wish: Wish, actor: str, now: datetime) -> str:
    """Make a key; its secret, which is nowhere stored. Raises FormRefused with `registration_id`: `choose`."""
    if wish.registration_id is not None and db.get(Registration, wish.registration_id) is None:
        raise FormRefused({REGISTRATION: "choose"})
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        name=wish.name,
        secret_hash=fingerprint(secret),
        reads_anonymous=wish.reads_anonymous,
        reads_named=wish.reads_named,
        registration_id=wish.registration_id,
        made_by=actor,
        created_at=now,
    )
    db.add(key)
    audit.note(db, actor, "api_key_made", f"{wish.name} ({', '.join(scopes_of(key))})", now)
    return secret


def listed(db: Session) -> Sequence[Listed]:
    """All keys: the living ones first, then the newest first."""
    rows = select(ApiKey, col(Registration.name))
    rows = rows.outerjoin(Registration, col(Registration.id) == col(ApiKey.registration_id))
    rows = rows.order_by(col(ApiKey.revoked_at).is_not(None), col(ApiKey.id).desc())
    return [Listed(key, name) for key, name in db.execute(rows)]


def revoke(db: Session, key_id: int, actor: str, now: datetime) -> None:
    """Let a key read nothing any more; raises Missing. Revoking twice changes nothing.

    Its row stays for as long as students are to see what was read under it.
    """
    key = db.get(ApiKey, key_id, with_for_update=True)
    if key is None:
        raise Missing()
    if key.revoked_at is None:
        key.revoked_at = now
        audit.note(db, actor, "api_key_revoked", key.name, now)
        db.flush()


def admit(db: Session, secret: str | None) -> Bearer:
    """Whose key this is; raises Refused `api_key_missing`, `api_key_unknown`."""
    if secret is None:
        raise Refused("api_key_missing")
    row = api_keys.by_secret(db, fingerprint(secret))
    if row is None:
        raise Refused("api_key_unknown")
    return Bearer(row.id, row.name, bool(row.reads_anonymous), bool(row.reads_named), row.registration_id)


def note_use(db: Session, bearer: Bearer, checkin_ids: Sequence[int], now: datetime) -> None:
    """Write down that a key was used, and of which check-ins it is given names; to the hour, before it is given them.

    Raises Refused `api_key_unknown` if it was revoked meanwhile.
    """
    key = db.get(ApiKey, bearer.key_id)
    if key is None or key.revoked_at is not None:
        raise Refused("api_key_unknown")
    if api_keys.use(db, bearer.key_id, hour_of(now)):
        audit.note(db, f"API key {bearer.name}", "api_read", ", ".join(scopes_of(bearer)), now)
    api_keys.note(db, checkin_ids, bearer.key_id, hour_of(now))


def tidy(db: Session, oldest: datetime) -> int:
    """Forget keys that were revoked before `oldest` and whose readings hang on no check-in any more; how many."""
    read = select(col(KeyAccess.key_id)).where(col(KeyAccess.key_id) == col(ApiKey.id)).exists()
    return db.exec(delete(ApiKey).where(col(ApiKey.revoked_at) < oldest, ~read)).rowcount
