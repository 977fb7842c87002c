"""Deployments that launched us without being known: remembered, so that the administrator can approve them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

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
