"""Registering a platform: six values that must fit, and a key pair of our own for it."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain import audit
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.keyring import Keyring
from reflect.storage import sessions
from reflect.storage.registrations import Deployment, Registration, RegistrationKey

LMS = ("moodle", "canvas", "brightspace", "blackboard", "schoology", "sakai", "other")
ADDRESSES = ("auth_url", "token_url", "keyset_url", "token_audience")
"""What a platform may come to say differently while it stays the same platform, to whom we are the same client."""
OPTIONAL = frozenset({"token_audience", "service_hosts"})
MOST_HOSTS = 20
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,4}})?")
LONGEST = 255
"""Characters that a client id or a deployment id may have (LTI 1.3 core 5.3.3)."""


@dataclass(frozen=True, slots=True)
class Application:
    """What an LMS and we must know of each other, as an administrator gives it."""

    name: str
    lms: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    keyset_url: str
    deployment_id: str
    token_audience: str | None = None
    service_hosts: str = ""
    """Further hosts of its services as they were typed, to be read by `hosts_of`."""

    def faults(self, is_secure: Callable[[str], bool]) -> Mapping[str, str]:
        """A code for each value that cannot be right; `is_secure` tells which addresses we would call."""
        values = {field.name: getattr(self, field.name) or "" for field in fields(self)}
        required = {name: "required" for name in values if name not in OPTIONAL and not values[name].strip()}
        urls = {
            name: "url"
            for name in ("issuer", "auth_url", "token_url", "keyset_url")
            if name not in required and not is_secure(values[name])
        }
        long = {name: "too_long" for name in ("client_id", "deployment_id") if len(values[name]) > LONGEST}
        lms = {} if self.lms in LMS else {"lms": "choose"}
        hosts = {} if are_hosts(hosts_of(self.service_hosts)) else {"service_hosts": "hosts"}
        return {**required, **urls, **long, **lms, **hosts}


def hosts_of(text: str) -> tuple[str, ...]:
    """The hosts that somebody typed with spaces or commas between them: each once, in lower case, sorted."""
    return tuple(sorted(set(text.lower().replace(",", " ").split())))


def are_hosts(hosts: Sequence[str]) -> bool:
    """Whether each is `host` or `host:port` and nothing else: no wildcard, no scheme, no path."""
    return len(hosts) <= MOST_HOSTS and all(map(_is_host, hosts))


def _is_host(text: str) -> bool:
    host, _, port = text.partition(":")
    return len(host) <= LONGEST and _HOST.fullmatch(text) is not None and int(port or 1) <= 65535


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration with its deployments, for lists and reports."""

    registration: Registration
    deployments: tuple[Deployment, ...]


def add(
    db: Session,
    application: Application,
    key: Mapping[str, Any],
    now: datetime,
) -> int:
    """Register a platform with its deployment, if it has told one; raises Refused `registered_already`.

    `key` comes from `new_key`.
    """
    refuse_another(db, application.issuer, application.client_id)
    values = _values(application)
    deployment_id = values.pop("deployment_id")
    registration = Registration(**values, created_at=now)
    db.add(registration)
    db.flush()
    assert registration.id is not None
    if deployment_id:
        db.add(Deployment(registration_id=registration.id, deployment_id=deployment_id, first_seen_at=now))
    db.add(RegistrationKey(registration_id=registration.id, created_at=now, **key))
    db.flush()
    return registration.id


def find_same(db: Session, issuer: str, client_id: str) -> Registration | None:
    """The registration with this issuer and client id, if there is one."""
    same = select(Registration).where(col(Registration.issuer) == issuer, col(Registration.client_id) == client_id)
    return db.scalar(same)


def refuse_another(db: Session, issuer: str, client_id: str, but: int | None = None) -> None:
    """Raise Refused `registered_already` if a registration other than `but` has this issuer and client id."""
    same = find_same(db, issuer, client_id)
    if same is not None and same.id != but:
        raise Refused("registered_already", issuer=issuer, client_id=client_id)


def differences(registration: Registration, application: Application) -> Mapping[str, tuple[str, str]]:
    """The addresses of which a platform now says something else, by field: ours and the platform's.

    What the platform says nothing of is no difference.
    """
    told = {name: getattr(application, name) for name in ADDRESSES}
    ours = {name: getattr(registration, name) or "" for name in ADDRESSES}
    return {name: (ours[name], value) for name, value in told.items() if value and value != ours[name]}


def change(db: Session, registration_id: int, application: Application) -> None:
    """Correct what is known of a platform, its deployments apart; raises Refused `registered_already`, Missing."""
    registration = find(db, registration_id).registration
    refuse_another(db, application.issuer, application.client_id, but=registration_id)
    for name, value in _values(application).items():
        if name != "deployment_id":
            setattr(registration, name, value)


def list_hosts(db: Session, registration_id: int, text: str, actor: str, now: datetime) -> None:
    """Say which further hosts may get our tokens; a change is written down. Raises FormRefused, Missing."""
    registration, hosts = find(db, registration_id).registration, hosts_of(text)
    if not are_hosts(hosts):
        raise FormRefused({"service_hosts": "hosts"})
    listed = " ".join(hosts)
    if listed != registration.service_hosts:
        registration.service_hosts = listed
        audit.note(db, actor, "service_hosts_changed", f"{registration.name}: {listed or '–'}", now)


def _values(application: Application) -> dict[str, Any]:
    """The application as a registration keeps it."""
    values = {field.name: getattr(application, field.name) for field in fields(application)}
    return values | {"service_hosts": " ".join(hosts_of(application.service_hosts))}


def new_key(keyring: Keyring, kid: str, private_pem: bytes, public_jwk: Mapping[str, str]) -> Mapping[str, Any]:
    """A key pair as it is stored: the private half encrypted under the installation's secret (Fernet)."""
    return {
        "kid": kid,
        "sealed_private_key": seal_pem(keyring, private_pem),
        "public_jwk": json.dumps(dict(public_jwk)),
    }


def seal_pem(keyring: Keyring, private_pem: bytes) -> bytes:
    """A private key as it is stored."""
    return _cipher(keyring).encrypt(private_pem)


def private_pem(keyring: Keyring, key: RegistrationKey) -> bytes:
    """The private half of a stored key; raises cryptography's InvalidToken under another secret."""
    return _cipher(keyring).decrypt(key.sealed_private_key)


def _cipher(keyring: Keyring) -> Fernet:
    return Fernet(urlsafe_b64encode(keyring.key_for("registration keys")))


def refuse_faults(application: Application, is_secure: Callable[[str], bool]) -> None:
    """Raise FormRefused if a value cannot be right."""
    if faults := application.faults(is_secure):
        raise FormRefused(faults)


def listed(db: Session) -> list[Registered]:
    """All registrations with their deployments, oldest first."""
    rows = db.scalars(select(Registration).order_by(col(Registration.id))).all()
    return [_with_deployments(db, row) for row in rows]


def find(db: Session, registration_id: int) -> Registered:
    """One registration; raises Missing."""
    row = db.get(Registration, registration_id)
    if row is None:
        raise Missing("registration_missing")
    return _with_deployments(db, row)


def switch(db: Session, registration_id: int, is_enabled: bool) -> None:
    """Let a platform in, or no more; its sessions end with it."""
    find(db, registration_id).registration.is_enabled = is_enabled
    if not is_enabled:
        sessions.end_all_of(db, registration_id)


def _with_deployments(db: Session, row: Registration) -> Registered:
    of_it = select(Deployment).where(col(Deployment.registration_id) == row.id).order_by(col(Deployment.id))
    return Registered(row, tuple(db.scalars(of_it).all()))
