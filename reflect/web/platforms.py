"""Us towards a course's platform: the connection its services are called through, and what answers to it need."""

from dataclasses import dataclass

from sqlmodel import Session

from reflect.domain.registrations import private_pem
from reflect.lti import Platform
from reflect.lti.keys import KeyPair
from reflect.lti.services import Connection
from reflect.storage.registrations import correspondence
from reflect.web.house import House


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The platform of a course and who we are to it."""

    platform: Platform
    deployment_id: str
    pair: KeyPair
    hosts: frozenset[str]
    """Further hosts that may get our tokens."""


def counterpart(db: Session, house: House, course_id: int) -> Counterpart | None:
    """The platform of a course, or None if it has been switched off."""
    found = correspondence(db, course_id)
    if found is None:
        return None
    pair = KeyPair(found.key.kid, private_pem(house.keyring, found.key), {})
    return Counterpart(found.platform, found.deployment_id, pair, found.service_hosts)


def connection(house: House, to: Counterpart) -> Connection:
    """The way to the platform's services; tokens go to its own hosts and to those the admin listed, nowhere else."""
    return Connection(
        outbound=house.outbound,
        tokens=house.tokens,
        platform=to.platform,
        deployment_id=to.deployment_id,
        pair=to.pair,
        hosts=to.hosts,
    )
