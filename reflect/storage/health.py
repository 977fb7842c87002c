"""How each registration fares: its first and last launch, and its last refusals; codes and times, nobody's name."""

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared
from reflect.storage.registrations import Deployment
from reflect.storage.tables import Table


class RegistrationHealth(Table, table=True):
    """The launches of a registration that went well; written now and then, not at every launch."""

    __tablename__ = "registration_health"

    registration_id: int = Field(foreign_key="registration.id", ondelete="CASCADE", primary_key=True)
    first_launch_at: datetime
    last_launch_at: datetime
    shares_names: bool
    """Whether the launch that was noted last said a name."""


class RefusedLaunch(Table, table=True):
    """The last time a launch of a registration was refused for one reason; at most one row a code."""

    __tablename__ = "refused_launch"

    registration_id: int = Field(foreign_key="registration.id", ondelete="CASCADE", primary_key=True)
    code: str = Field(primary_key=True)
    refused_at: datetime


_INSERT_HEALTH = insert(RegistrationHealth).values({name: bindparam(name) for name in RegistrationHealth.model_fields})
_LAUNCHED = Prepared(
    _INSERT_HEALTH.on_conflict_do_update(
        index_elements=["registration_id"],
        set_={
            "last_launch_at": _INSERT_HEALTH.excluded.last_launch_at,
            "shares_names": _INSERT_HEALTH.excluded.shares_names,
        },
    )
)
_INSERT_REFUSED = insert(RefusedLaunch).values({name: bindparam(name) for name in RefusedLaunch.model_fields})
_REFUSED = Prepared(
    _INSERT_REFUSED.on_conflict_do_update(
        index_elements=["registration_id", "code"], set_={"refused_at": _INSERT_REFUSED.excluded.refused_at}
    )
)
_REGISTRATION_OF = Prepared(
    select(col(Deployment.registration_id)).where(col(Deployment.id) == bindparam("deployment_id"))
)


def note_launch(db: Session, deployment_id: int, shares_names: bool, now: datetime) -> None:
    """Remember that a launch of this deployment's registration went well."""
    if row := _REGISTRATION_OF.first(db, deployment_id=deployment_id):
        _LAUNCHED.run(
            db,
            registration_id=row.registration_id,
            first_launch_at=now,
            last_launch_at=now,
            shares_names=shares_names,
        )


def note_refusal(db: Session, registration_id: int, code: str, now: datetime) -> None:
    """Remember that a launch of a registration was refused, and why."""
    _REFUSED.run(db, registration_id=registration_id, code=code, refused_at=now)


def last_launch_at(db: Session) -> datetime | None:
    """When the newest launch that went well was noted, of whichever registration; None where there never was one."""
    return db.scalar(select(func.max(col(RegistrationHealth.last_launch_at))))
