"""What is kept on the way to a registration: unfinished drafts of the wizard, and invitations for an LMS."""

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class RegistrationDraft(Table, table=True):
    """A registration that is being filled in; whatever was typed is here, right or wrong."""

    __tablename__ = "registration_draft"

    id: int | None = Field(default=None, primary_key=True)
    started_by: str
    changed_at: datetime
    name: str = ""
    lms: str = ""
    site_url: str = ""
    """The LMS's own address, from which the others may follow."""
    issuer: str = ""
    client_id: str = ""
    auth_url: str = ""
    token_url: str = ""
    keyset_url: str = ""
    deployment_id: str = ""
    token_audience: str = ""


class RegistrationInvitation(Table, table=True):
    """An address that lets one LMS register itself once (dynamic registration); it carries the id, signed."""

    __tablename__ = "registration_invitation"

    id: str = Field(primary_key=True)
    name: str
    lms: str
    made_by: str
    expires_at: datetime
    claimed_at: datetime | None = None
    """While an LMS is being asked, nobody else may use the invitation; a claim that came to nothing lapses."""
    registration_id: int | None = Field(default=None, foreign_key="registration.id", ondelete="SET NULL")
    used_at: datetime | None = None


_CLAIM = Prepared(
    update(RegistrationInvitation)
    .where(col(RegistrationInvitation.id) == bindparam("invitation_id"))
    .where(col(RegistrationInvitation.used_at).is_(None))
    .where(
        col(RegistrationInvitation.claimed_at).is_(None)
        | (col(RegistrationInvitation.claimed_at) < bindparam("lapsed_before"))
    )
    .values(claimed_at=bindparam("now"))
)


def claim(db: Session, invitation_id: str, now: datetime, lapsed_before: datetime) -> bool:
    """Take the invitation for one attempt; False if it is used or somebody else's just now."""
    return _CLAIM.run(db, invitation_id=invitation_id, now=now, lapsed_before=lapsed_before) == 1
