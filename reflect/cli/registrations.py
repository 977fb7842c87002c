"""The registration portal's work from a shell: `reflect registration …`."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from sqlmodel import Session

from reflect.cli.doctor import test
from reflect.cli.upkeep import opened
from reflect.domain import audit, invitations, registrations
from reflect.domain.audit import FROM_SHELL
from reflect.domain.refusals import FormRefused, Refused
from reflect.domain.registrations import LMS, Application, Registered
from reflect.keyring import Keyring
from reflect.lti import Outbound
from reflect.lti.addresses import is_secure
from reflect.lti.keys import generate
from reflect.settings import read_settings
from reflect.web.admin import addresses

FAULTS = {
    "required": "is missing",
    "url": "must be an https address (http only for a loopback host listed in REFLECT_PRIVATE_HOSTS)",
    "too_long": "is longer than 255 characters",
    "choose": "must be one of " + ", ".join(LMS),
    "hosts": "must be names like api.school.example or api.school.example:8443, without wildcards",
}
REFUSALS = {
    "registered_already": "A registration with this issuer and client id exists already.",
    "registration_missing": "There is no such registration: `reflect registration list` shows them.",
}


@click.group()
def registration() -> None:
    """Register learning platforms, list them, switch them off and on."""


def _do(job: Callable[[Any], Any]) -> Any:
    with opened(read_settings()) as database:
        try:
            return database.write_now(job)
        except FormRefused as refusal:
            raise _faults(refusal) from None
        except Refused as refusal:
            raise click.ClickException(REFUSALS[refusal.code]) from None


@registration.command()
@click.option("--name", required=True, help="A friendly name for your own lists.")
@click.option("--lms", required=True, type=click.Choice(LMS))
@click.option("--issuer", required=True, help="Platform ID.")
@click.option("--client-id", required=True)
@click.option("--auth-url", required=True, help="Authentication request URL.")
@click.option("--token-url", required=True, help="Access token URL.")
@click.option("--keyset-url", required=True, help="Public keyset URL.")
@click.option("--deployment-id", required=True)
@click.option("--token-audience", help="Where it is not the access token URL.")
@click.option("--service-hosts", default="", help="Further hosts of its services, separated by spaces.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def add(as_json: bool, **values: Any) -> None:
    """Register a platform by the values it shows to its administrator."""
    settings = read_settings()
    application = Application(**values)
    plain_http = Outbound(settings.private_hosts).allows_plain_http
    try:
        registrations.refuse_faults(application, lambda url: is_secure(url, plain_http))
    except FormRefused as refusal:
        raise _faults(refusal) from None
    pair = generate()
    keyring = Keyring(settings.secret_key.get_secret_value())
    key = registrations.new_key(keyring, pair.kid, pair.private_pem, pair.public_jwk)

    def work(db: Session) -> Registered:
        now = datetime.now(UTC)
        registration_id = registrations.add(db, application, key, now)
        audit.note(db, FROM_SHELL, "registration_added", application.name, now)
        return registrations.find(db, registration_id)

    _print([_do(work)], as_json, one=True)


@registration.command()
@click.option("--name", default="", help="A friendly name for your own lists; by default the platform's address.")
@click.option("--lms", default="moodle", show_default=True, type=click.Choice(LMS))
def invite(name: str, lms: str) -> None:
    """Print an address that lets one LMS register itself, once, within 24 hours (dynamic registration)."""
    settings = read_settings()
    invitation_id = _do(lambda db: invitations.invite(db, name.strip(), lms, FROM_SHELL, datetime.now(UTC)))
    keyring = Keyring(settings.secret_key.get_secret_value())
    click.echo(addresses.register(settings.base_url, keyring, invitation_id))


@registration.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    """List all registrations."""
    _print(_do(registrations.listed), as_json)


@registration.command()
@click.argument("registration_id", type=int, metavar="ID")
@click.option("--json", "as_json", is_flag=True)
def show(registration_id: int, as_json: bool) -> None:
    """Show one registration."""
    _print([_do(lambda db: registrations.find(db, registration_id))], as_json, one=True)


@registration.command()
@click.argument("registration_id", type=int, metavar="ID")
def disable(registration_id: int) -> None:
    """Let a platform in no more; its open sessions end at once."""
    _do(lambda db: _switch(db, registration_id, False))
    click.echo(f"Registration {registration_id} is switched off.")


@registration.command()
@click.argument("registration_id", type=int, metavar="ID")
def enable(registration_id: int) -> None:
    """Let a platform in again."""
    _do(lambda db: _switch(db, registration_id, True))
    click.echo(f"Registration {registration_id} is switched on.")


def _switch(db: Session, registration_id: int, is_enabled: bool) -> None:
    registrations.switch(db, registration_id, is_enabled)
    name = registrations.find(db, registration_id).registration.name
    action = "registration_enabled" if is_enabled else "registration_disabled"
    audit.note(db, FROM_SHELL, action, name, datetime.now(UTC))


@registration.command()
@click.argument("registration_id", type=int, metavar="ID")
@click.argument("service_hosts", nargs=-1, metavar="[HOST]...")
@click.option("--none", "empties", is_flag=True, help="List none any more.")
def hosts(registration_id: int, service_hosts: tuple[str, ...], empties: bool) -> None:
    """List the further hosts of a platform's services, in place of those listed before: only they get tokens."""
    if bool(service_hosts) == empties:
        raise click.UsageError("Give one or more HOST, or --none.")
    text, now = " ".join(service_hosts), datetime.now(UTC)
    _do(lambda db: registrations.list_hosts(db, registration_id, text, FROM_SHELL, now))
    click.echo(f"Registration {registration_id}: {' '.join(registrations.hosts_of(text)) or 'no further hosts'}.")


registration.add_command(test)


def _faults(refusal: FormRefused) -> click.ClickException:
    lines = [f"--{field.replace('_', '-')} {FAULTS[code]}" for field, code in refusal.errors.items()]
    return click.ClickException("\n       ".join(lines))


def _print(found: list[Registered], as_json: bool, one: bool = False) -> None:
    facts = [_facts(it) for it in found]
    if as_json:
        click.echo(json.dumps(facts[0] if one else facts, indent=2))
        return
    for fact in facts:
        click.echo(f"{fact['id']}  {fact['name']} ({fact['lms']}) {'on' if fact['is_enabled'] else 'OFF'}")
        for name in ("issuer", "client_id", "auth_url", "token_url", "keyset_url", "service_hosts"):
            if fact[name]:
                click.echo(f"   {name.replace('_', ' ')}: {fact[name]}")
        for deployment in fact["deployments"]:
            state = "" if deployment["is_approved"] else " (not approved: it has only knocked)"
            click.echo(f"   deployment id: {deployment['deployment_id']}{state}")
    if not facts:
        click.echo("No platform is registered yet: `reflect registration add --help`.")


def _facts(found: Registered) -> dict[str, Any]:
    return {
        **found.registration.model_dump(mode="json"),
        "deployments": [it.model_dump(mode="json", exclude={"registration_id"}) for it in found.deployments],
    }
