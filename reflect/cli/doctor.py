"""`reflect doctor`: does this installation work, and if not, what to do."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from cryptography.fernet import InvalidToken
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from reflect.cli import outages
from reflect.cli.databases import must_be_there
from reflect.cli.upkeep import opened
from reflect.domain import registrations
from reflect.domain.refusals import Missing
from reflect.keyring import Keyring
from reflect.lti import Outbound
from reflect.lti.tokens import Tokens
from reflect.settings import Settings, read_settings, unknown_names
from reflect.storage.database import Database
from reflect.storage.registrations import with_private_half
from reflect.storage.revisions import DatabaseForeign, is_behind, is_newer
from reflect.storage.schema import revision_at
from reflect.storage.sqlite_files import file_of
from reflect.web import connection
from reflect.web.connection import Finding, Subject, subject_of
from reflect.web.language import SOURCE
from reflect.web.openid_provider import OpenIdProvider, OpenIdRefused, documents_of

ANSWERS = "The database answers"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Check settings, database, keys, clock and the way to each platform; exit 1 if something is wrong."""
    report(list(_examine(read_settings())), as_json)


@click.command()
@click.argument("registration_id", type=int, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def test(registration_id: int, as_json: bool) -> None:
    """Test the connection to one platform, as the portal does; exit 1 if something is wrong."""
    settings = read_settings()
    keyring = Keyring(settings.secret_key.get_secret_value())
    with opened(settings) as database:
        try:
            subject = database.read_now(lambda db: subject_of(db, registration_id, keyring))
        except Missing:
            raise click.ClickException(
                "There is no such registration: `reflect registration list` shows them."
            ) from None
    report([*connection.installation(settings), *asyncio.run(_of_one(settings, subject))], as_json)


def report(findings: Sequence[Finding], as_json: bool) -> None:
    """Print findings; ends with exit code 1 if something is wrong."""
    told = [finding.told(SOURCE) for finding in findings]
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        for it in told:
            click.echo(f"{'?   ' if it['is_well'] is None else 'ok  ' if it['is_well'] else 'FAIL'} {it['check']}")
            if it["advice"]:
                click.echo(f"     {it['advice']}")
    if any(it["is_well"] is False for it in told):
        raise SystemExit(1)


def _examine(settings: Settings) -> Iterator[Finding]:
    yield from connection.installation(settings)
    yield _names()
    yield _files(settings)
    if settings.oidc_issuer:
        yield asyncio.run(_sign_in(settings))
    try:
        must_be_there(settings)
    except click.ClickException as missing:
        yield Finding(ANSWERS, False, missing.message.replace("%", "%%"))
        return
    database = Database(settings.database_url)
    try:
        yield from _database(database, settings)
    finally:
        database.close()


def _names() -> Finding:
    """Whether all that looks like a setting is one; not a fault, since others may give such names to a process."""
    unknown = " ".join(unknown_names()).replace("%", "%%")
    advice = f"{unknown}: no settings of Reflect, so they do nothing. Are they misspelt?"
    return Finding("All names that begin with REFLECT_ are settings", None if unknown else True, advice)


def _files(settings: Settings) -> Finding:
    """Whether other accounts of this machine may read what should be nobody's."""
    own = [Path(str(settings.model_config["env_file"]))]
    if settings.database_url.startswith("sqlite"):
        own.append(file_of(settings.database_url))
    open_to_all = " ".join(str(path) for path in own if path.exists() and _is_open(path))
    advice = f"Run `chmod 600 {open_to_all}`.".replace("%", "%%")
    return Finding("Other accounts of this machine cannot read the database and the secret", not open_to_all, advice)


def _is_open(path: Path) -> bool:
    """Whether everybody may read a file, and may come to it through its folders."""
    folders = path.resolve().parents
    return bool(path.stat().st_mode & 0o004) and all(folder.stat().st_mode & 0o001 for folder in folders)


async def _sign_in(settings: Settings) -> Finding:
    check = "The OpenID provider answers"
    try:
        outbound = Outbound(settings.private_hosts)
        await OpenIdProvider(settings, outbound, documents_of(outbound), "").check()
    except OpenIdRefused as refusal:
        detail = refusal.detail.replace("%", "%%")
        return Finding(check, False, f"{detail}: check REFLECT_OIDC_ISSUER, and REFLECT_PRIVATE_HOSTS.")
    return Finding(check, True)


def _database(database: Database, settings: Settings) -> Iterator[Finding]:
    try:
        revision = revision_at(database.engine)
    except DBAPIError as error:
        advice = f"{type(error.orig).__name__}: check REFLECT_DATABASE_URL."
        if isinstance(error, OperationalError):
            advice = outages.words(error).replace("%", "%%")
        yield Finding(ANSWERS, False, advice)
        return
    except DatabaseForeign:
        yield Finding("The database is Reflect’s", False, outages.FOREIGN)
        return
    yield Finding(ANSWERS, True)
    behind = is_behind(revision)
    schema = f"The schema is of a newer release ({revision}), and this one goes on with it"
    yield Finding(schema if is_newer(revision) else "The schema is the newest", not behind, "Run `reflect migrate`.")
    if not behind:
        keyring = Keyring(settings.secret_key.get_secret_value())
        yield database.read_now(lambda db: _keys(db, keyring))
        yield from _platforms(database, settings, keyring)


def _keys(db: Session, keyring: Keyring) -> Finding:
    check = "Our private keys can be decrypted"
    if not keys_open(db, keyring):
        return Finding(check, False, "REFLECT_SECRET_KEY is not the one the keys were made with: set the old one.")
    return Finding(check, True)


def keys_open(db: Session, keyring: Keyring) -> bool:
    """Whether the secret opens all our private keys."""
    try:
        for key in with_private_half(db):
            registrations.private_pem(keyring, key)
    except InvalidToken:
        return False
    return True


def _platforms(database: Database, settings: Settings, keyring: Keyring) -> Iterator[Finding]:
    """The connection test of every registration that is switched on, each finding with its name."""
    for registered in database.read_now(registrations.listed):
        registration = registered.registration
        if not registration.is_enabled or registration.id is None:
            continue
        registration_id = registration.id
        try:
            subject = database.read_now(lambda db, it=registration_id: subject_of(db, it, keyring))  # type: ignore[misc]
        except InvalidToken:
            continue
        for finding in asyncio.run(_of_one(settings, subject)):
            name = registration.name.replace("%", "%%")
            yield Finding(f"{name}: {finding.check}", finding.is_well, finding.advice, finding.facts)


async def _of_one(settings: Settings, subject: Subject) -> list[Finding]:
    outbound = Outbound(settings.private_hosts)
    return await connection.examine(settings, outbound, Tokens(outbound), subject)
