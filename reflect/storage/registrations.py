"""The platforms that may launch us: registrations, their deployments, and our key pair for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import UniqueConstraint, bindparam, select
from sqlmodel import Field, Session, col

from reflect.lti import Deployment as LtiDeployment
from reflect.lti import Platform
from reflect.storage.courses import Course
from reflect.storage.prepared import Prepared, Question
from reflect.storage.tables import Table


class Registration(Table, table=True):
    """One LMS site as it knows us: an issuer and the client id it gave us."""

    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    lms: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    keyset_url: str
    token_audience: str | None = None
    """What the platform wants as `aud` of a client assertion, where that is not its token URL."""
    service_hosts: str = ""
    """`host` or `host:port`, separated by spaces, that may get our tokens besides the hosts of the addresses above."""
    is_enabled: bool = True
    created_at: datetime


class RegistrationKey(Table, table=True):
    """Our key pair for one registration; the private half is encrypted under a key the database does not hold."""

    __tablename__ = "registration_key"

    id: int | None = Field(default=None, primary_key=True)
    registration_id: int = Field(foreign_key="registration.id", ondelete="CASCADE", index=True)
    kid: str = Field(unique=True)
    sealed_private_key: bytes
    public_jwk: str
    created_at: datetime
    retired_at: datetime | None = None
    """From then on nothing is signed with it and its private half is empty; it stays in the keyset for an overlap."""


class Deployment(Table, table=True):
    """One deployment of a registration. An unapproved one has only knocked: its launches are refused."""

    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: int | None = Field(default=None, primary_key=True)
    registration_id: int = Field(foreign_key="registration.id", ondelete="CASCADE")
    deployment_id: str
    is_approved: bool = True
    allow_anonymous: bool = False
    """Whether launches without a `sub` are let in as guests of one session."""
    first_seen_at: datetime


PLATFORM = Registration.__table__.c[  # type: ignore[attr-defined]
    "id", "issuer", "client_id", "auth_url", "token_url", "keyset_url", "token_audience", "is_enabled"
]
"""The columns of a `Platform`, in its order."""
_PLATFORM = select(PLATFORM)
_PUBLIC_JWKS = Prepared(
    select(col(RegistrationKey.public_jwk))
    .where(col(RegistrationKey.retired_at).is_(None) | (col(RegistrationKey.retired_at) > bindparam("retired_after")))
    .order_by(col(RegistrationKey.id))
)
_OF_ISSUER = Prepared(_PLATFORM.where(col(Registration.issuer) == bindparam("issuer")))
_BY_ID = Prepared(_PLATFORM.where(col(Registration.id) == bindparam("id")))
_SENDER = Prepared(
    _PLATFORM.add_columns(
        col(Deployment.id).label("deployment_key"),
        col(Deployment.deployment_id).label("deployment_id"),
        col(Deployment.allow_anonymous),
    )
    .outerjoin(Deployment, (col(Deployment.registration_id) == col(Registration.id)) & col(Deployment.is_approved))
    .where(col(Registration.id) == bindparam("id"))
)


def asked(issuer: str) -> Question:
    """What `platforms_of` will ask."""
    return _OF_ISSUER.asked(issuer=issuer)


def platforms_of(db: Session, issuer: str) -> Sequence[Platform]:
    """Every registration of an issuer, disabled ones too."""
    return [Platform(*row) for row in _OF_ISSUER.all(db, issuer=issuer)]


def platform(db: Session, registration_id: int) -> Platform | None:
    """One registration as the LTI core sees it."""
    row = _BY_ID.first(db, id=registration_id)
    return row and Platform(*row)


@dataclass(frozen=True, slots=True)
class Sender:
    """One registration with its approved deployments, as they were at one moment."""

    platform: Platform
    deployments: tuple[LtiDeployment, ...]


def sender(db: Session, registration_id: int) -> Sender | None:
    """Who may launch us under a registration, in one statement."""
    rows = _SENDER.all(db, id=registration_id)
    if not rows:
        return None
    deployments = tuple(LtiDeployment(*row[8:]) for row in rows if row.deployment_key is not None)
    return Sender(Platform(*rows[0][:8]), deployments)


def is_known(db: Session, issuer: str, client_id: str) -> bool:
    """Whether some registration has this issuer and client id."""
    return any(platform.client_id == client_id for platform in platforms_of(db, issuer))


def public_jwks(db: Session, retired_after: datetime) -> Sequence[str]:
    """The public halves of our keys that sign, or were retired after a moment, as JSON."""
    return [row.public_jwk for row in _PUBLIC_JWKS.all(db, retired_after=retired_after)]


def signing_key(db: Session, registration_id: int) -> RegistrationKey | None:
    """Our key for a platform: the newest that is not retired."""
    return db.scalar(
        select(RegistrationKey)
        .where(col(RegistrationKey.registration_id) == registration_id, col(RegistrationKey.retired_at).is_(None))
        .order_by(col(RegistrationKey.id).desc())
    )


def with_private_half(db: Session) -> Sequence[RegistrationKey]:
    """Our keys whose private half is there, oldest first."""
    kept = select(RegistrationKey).where(col(RegistrationKey.sealed_private_key) != b"")
    return db.scalars(kept.order_by(col(RegistrationKey.id))).all()


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Who we are to the platform of a course: what a signed call or answer needs."""

    platform: Platform
    deployment_id: str
    key: RegistrationKey
    service_hosts: frozenset[str]
    """Further hosts that may get our tokens."""


def correspondence(db: Session, course_id: int) -> Correspondence | None:
    """The platform and deployment of a course, and our key for it; None if the platform is switched off."""
    row = db.execute(
        select(Registration, Deployment)
        .join(Deployment, col(Deployment.registration_id) == col(Registration.id))
        .join(Course, col(Course.deployment_id) == col(Deployment.id))
        .where(col(Course.id) == course_id, col(Registration.is_enabled))
    ).first()
    if row is None:
        return None
    registration, deployment = row
    key = signing_key(db, registration.id)
    found = platform(db, registration.id)
    hosts = frozenset(registration.service_hosts.split())
    return Correspondence(found, deployment.deployment_id, key, hosts) if found and key else None


def keyset_urls(db: Session, most: int) -> list[str]:
    """Where the platforms that are switched on publish their keys, each address once."""
    found = select(col(Registration.keyset_url)).where(col(Registration.is_enabled)).distinct()
    return list(db.scalars(found.order_by(col(Registration.keyset_url)).limit(most)))
