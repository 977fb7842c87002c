"""An unfinished registration: kept as it is typed, right or wrong, until it is saved or thrown away."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain import audit, lms, registrations
from reflect.domain.refusals import FormRefused, Missing
from reflect.domain.registrations import LMS, LONGEST, Application
from reflect.storage.registering import RegistrationDraft
from reflect.storage.tables import key_of

FIELDS = (
    "name",
    "lms",
    "site_url",
    "issuer",
    "client_id",
    "auth_url",
    "token_url",
    "keyset_url",
    "deployment_id",
    "token_audience",
)
LONGEST_VALUE = 2000


def begin(db: Session, fields: Mapping[str, str], started_by: str, now: datetime) -> int:
    """Start with a name and an LMS; raises FormRefused."""
    draft = RegistrationDraft(started_by=started_by, changed_at=now)
    _name(draft, fields)
    _write(draft, lms.addresses_of(draft.lms, "", ""))
    db.add(draft)
    db.flush()
    return key_of(draft)


def rename(db: Session, draft_id: int, fields: Mapping[str, str], now: datetime) -> None:
    """Change name or LMS; what follows from another LMS is filled in anew. Raises FormRefused, Missing."""
    draft = find(db, draft_id)
    before = draft.lms
    _name(draft, fields)
    if draft.lms != before:
        _write(draft, dict.fromkeys(("issuer", "auth_url", "token_url", "keyset_url", "token_audience"), ""))
        _write(draft, lms.addresses_of(draft.lms, draft.site_url, draft.client_id))
    draft.changed_at = now


def _name(draft: RegistrationDraft, fields: Mapping[str, str]) -> None:
    name, kind = fields.get("name", "").strip(), fields.get("lms", "")
    faults = {}
    if not name or len(name) > LONGEST:
        faults["name"] = "too_long" if name else "required"
    if kind not in LMS:
        faults["lms"] = "choose"
    if faults:
        raise FormRefused(faults)
    draft.name, draft.lms = name, kind


def save(db: Session, draft_id: int, fields: Mapping[str, str], now: datetime) -> RegistrationDraft:
    """Keep what was typed; raises Missing."""
    draft = find(db, draft_id)
    _write(draft, {name: value.strip() for name, value in fields.items() if name in FIELDS[2:]})
    draft.changed_at = now
    return draft


def derive(db: Session, draft_id: int, *, overwrites: bool) -> RegistrationDraft:
    """Fill in the addresses that follow from the site's; those that are typed already only if `overwrites`."""
    draft = find(db, draft_id)
    found = lms.addresses_of(draft.lms, draft.site_url, draft.client_id)
    _write(draft, {name: value for name, value in found.items() if overwrites or not getattr(draft, name)})
    return draft


def _write(draft: RegistrationDraft, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        setattr(draft, name, value[:LONGEST_VALUE])


def find(db: Session, draft_id: int) -> RegistrationDraft:
    """One draft; raises Missing."""
    draft = db.get(RegistrationDraft, draft_id)
    if draft is None:
        raise Missing("draft_missing")
    return draft


def listed(db: Session) -> Sequence[RegistrationDraft]:
    """All drafts, the last changed first."""
    return db.scalars(select(RegistrationDraft).order_by(col(RegistrationDraft.changed_at).desc())).all()


def discard(db: Session, draft_id: int) -> None:
    """Throw a draft away; raises Missing."""
    db.delete(find(db, draft_id))


def application_of(draft: RegistrationDraft) -> Application:
    """What the draft asks for."""
    values: dict[str, Any] = {name: getattr(draft, name) for name in FIELDS if name != "site_url"}
    return Application(**values | {"token_audience": draft.token_audience or None})


def finish(
    db: Session,
    draft_id: int,
    key: Mapping[str, Any],
    is_secure: Callable[[str], bool],
    actor: str,
    now: datetime,
) -> int:
    """Register what the draft says and throw it away; raises FormRefused, Refused `registered_already`, Missing."""
    draft = find(db, draft_id)
    application = application_of(draft)
    registrations.refuse_faults(application, is_secure)
    registration_id = registrations.add(db, application, key, now)
    audit.note(db, actor, "registration_added", application.name, now)
    db.delete(draft)
    return registration_id
