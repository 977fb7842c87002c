"""`reflect doctor`: does this installation work, and if not, what to do."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import click
from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from reflect.domain import registrations
from reflect.keyring import Keyring
from reflect.lti import Outbound
from reflect.lti.keysets import usable_keys
from reflect.lti.outbound import OutboundFailed, OutboundRefused
from reflect.settings import DEFAULT_SECRET, Settings, read_settings
from reflect.storage.database import Database
from reflect.storage.registrations import Registration, RegistrationKey
from reflect.storage.schema import is_current

LARGEST_SKEW = 30
"""Seconds our clock may differ from a platform's before launches of 60 seconds' life get refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; `advice` says what to do where `is_well` is false."""

    check: str
    is_well: bool
    advice: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Check settings, database, keys, clock and the way to each platform; exit 1 if something is wrong."""
    findings = list(_examine(read_settings()))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{'ok  ' if finding.is_well else 'FAIL'} {finding.check}")
            if not finding.is_well:
                click.echo(f"     {finding.advice}")
    if not all(finding.is_well for finding in findings):
        raise SystemExit(1)


def _examine(settings: Settings) -> Iterator[Finding]:
    yield from _settings(settings)
    database = Database(settings.database_url)
    try:
        yield from _database(database, settings)
    finally:
        database.close()


def _settings(settings: Settings) -> Iterator[Finding]:
    faults = settings.production_faults()
    yield Finding("base URL and secret are fit for serving other people", not faults, " ".join(faults))
    yield Finding(
        "the secret is your own",
        settings.secret_key.get_secret_value() != DEFAULT_SECRET,
        "Set REFLECT_SECRET_KEY (`openssl rand -hex 32`): keys and sealed answers are protected by it.",
    )


def _database(database: Database, settings: Settings) -> Iterator[Finding]:
    try:
        current = is_current(database.engine)
    except DBAPIError as error:
        yield Finding("the database answers", False, f"{type(error.orig).__name__}: check REFLECT_DATABASE_URL.")
        return
    yield Finding("the database answers", True)
    yield Finding("the schema is the newest", current, "Run `reflect migrate`.")
    if current:
        keyring = Keyring(settings.secret_key.get_secret_value())
        yield database.read_now(lambda db: _keys(db, keyring))
        for registered in database.read_now(registrations.listed):
            if registered.registration.is_enabled:
                yield from asyncio.run(_reach(registered.registration, settings))


def _keys(db: Session, keyring: Keyring) -> Finding:
    check = "our private keys can be decrypted"
    try:
        for key in db.scalars(select(RegistrationKey)):
            registrations.private_pem(keyring, key)
    except InvalidToken:
        return Finding(check, False, "REFLECT_SECRET_KEY is not the one the keys were made with: set the old one.")
    return Finding(check, True)


async def _reach(registration: Registration, settings: Settings) -> list[Finding]:
    """Fetch a platform's keyset as a launch would, and compare clocks by the answer's Date."""
    name = f"{registration.name}: the keyset can be fetched and has RSA keys"
    host = urlsplit(registration.keyset_url).netloc
    try:
        answer = await Outbound(settings.private_hosts).get(registration.keyset_url)
        usable_keys(answer.body)
    except (OutboundRefused, OutboundFailed) as fault:
        listed = " List the host in REFLECT_PRIVATE_HOSTS if it is yours." if fault.code == "address_private" else ""
        return [Finding(name, False, f"{host}: {fault}.{listed}")]
    findings = [Finding(name, True)]
    if date := answer.headers.get("date"):
        skew = round(time.time() - parsedate_to_datetime(date).timestamp())
        advice = f"Our clock differs by {skew} s: let both servers keep time by NTP."
        findings.append(Finding(f"{registration.name}: clocks agree", abs(skew) <= LARGEST_SKEW, advice))
    return findings
