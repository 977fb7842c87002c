"""Deployments: those an administrator added or approved may launch us; those that only knocked wait to be approved."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from reflect.domain.refusals import FormRefused, Missing
from reflect.domain.registrations import LONGEST
from reflect.storage.registrations import Deployment

MOST_KNOCKS = 50
"""Unapproved deployments remembered for a registration; a platform gone wrong must not fill the table."""


def knock(db: Session, registration_id: int, deployment_id: str, now: datetime) -> None:
    """Remember an unknown deployment once."""
    known = col(Deployment.registration_id) == registration_id
    if db.scalar(select(Deployment).where(known, col(Deployment.deployment_id) == deployment_id)) is not None:
        return
    waiting = db.scalar(select(func.count()).select_from(Deployment).where(known, ~col(Deployment.is_approved)))
    if (waiting or 0) < MOST_KNOCKS:
        db.add(
            Deployment(
                registration_id=registration_id,
                deployment_id=deployment_id,
                is_approved=False,
                first_seen_at=now,
            )
        )


def add(db: Session, registration_id: int, deployment_id: str, now: datetime) -> None:
    """Let a deployment in before it knocks, or because it did; raises FormRefused."""
    deployment_id = deployment_id.strip()
    if not deployment_id or len(deployment_id) > LONGEST:
        raise FormRefused({"deployment_id": "too_long" if deployment_id else "required"})
    known = select(Deployment).where(
        col(Deployment.registration_id) == registration_id, col(Deployment.deployment_id) == deployment_id
    )
    row = db.scalar(known)
    if row is None:
        db.add(Deployment(registration_id=registration_id, deployment_id=deployment_id, first_seen_at=now))
    else:
        row.is_approved = True


def find(db: Session, registration_id: int, row_id: int) -> Deployment:
    """One deployment of a registration by our own id; raises Missing."""
    row = db.get(Deployment, row_id)
    if row is None or row.registration_id != registration_id:
        raise Missing()
    return row


def reject(db: Session, registration_id: int, row_id: int) -> Deployment:
    """Forget a deployment that only knocked; raises Missing, also for one that was let in: data may hang on it."""
    row = find(db, registration_id, row_id)
    if row.is_approved:
        raise Missing()
    db.delete(row)
    return row
