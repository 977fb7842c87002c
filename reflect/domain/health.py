"""How a registration fares: whether launches arrive, and why the last ones did not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain.registrations import Registered
from reflect.storage.health import RefusedLaunch, RegistrationHealth

OF_ONE_VISIT = frozenset(
    [
        "state_missing",
        "state_unknown",
        "state_expired",
        "state_used",
        "browser_unproven",
        "too_large",
        "submission_review",
        "submission_review_role",
        "not_allowed",
    ]
)
"""Refusals that say something of one person's visit and nothing of how the two sites are connected."""


class State(StrEnum):
    """A registration at a glance."""

    OFF = "off"
    WAITING = "waiting"
    REFUSED = "refused"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a registration's launches; `refusals` are newest first."""

    state: State
    first_launch_at: datetime | None
    last_launch_at: datetime | None
    shares_names: bool | None
    refusals: tuple[RefusedLaunch, ...]
    knocking: int
    """Deployments that wait for approval."""

    @property
    def version(self) -> str:
        """Names this state of things: it changes when anything here does."""
        moments = [self.last_launch_at, *(refusal.refused_at for refusal in self.refusals)]
        return f"{self.state}-{self.knocking}-{max((m.timestamp() for m in moments if m), default=0):.6f}"


def of(db: Session, registered: Registered) -> Health:
    """The health of one registration."""
    return of_all(db, [registered])[0]


def of_all(db: Session, all_registered: Sequence[Registered]) -> Sequence[Health]:
    """The health of each registration, in their order."""
    launched = {row.registration_id: row for row in db.scalars(select(RegistrationHealth))}
    refused: dict[int | None, list[RefusedLaunch]] = {}
    for row in db.scalars(select(RefusedLaunch).order_by(col(RefusedLaunch.refused_at).desc())):
        refused.setdefault(row.registration_id, []).append(row)
    return [_health(it, launched, refused.get(it.registration.id, [])) for it in all_registered]


def _health(
    registered: Registered, launched: Mapping[int, RegistrationHealth], refusals: Sequence[RefusedLaunch]
) -> Health:
    registration = registered.registration
    row = launched.get(registration.id) if registration.id is not None else None
    last = row.last_launch_at if row else None
    if not registration.is_enabled:
        state = State.OFF
    elif refusals and (last is None or refusals[0].refused_at > last):
        state = State.REFUSED
    else:
        state = State.WAITING if last is None else State.WELL
    return Health(
        state=state,
        first_launch_at=row.first_launch_at if row else None,
        last_launch_at=last,
        shares_names=row.shares_names if row else None,
        refusals=tuple(refusals),
        knocking=sum(not deployment.is_approved for deployment in registered.deployments),
    )
