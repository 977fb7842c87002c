"""`reflect admin …`: who may use the registration portal."""

from datetime import UTC, datetime

import click

from reflect.cli.upkeep import opened
from reflect.domain import admins
from reflect.domain.admins import Appointment
from reflect.domain.audit import FROM_SHELL
from reflect.domain.refusals import FormRefused
from reflect.keyring import Keyring
from reflect.settings import read_settings
from reflect.storage.admins import Role
from reflect.web.admin import addresses


@click.group()
def admin() -> None:
    """Let people into the registration portal."""


@admin.command()
@click.argument("email")
@click.option("--leader", is_flag=True, help="As a leader, who reads the insights and nothing else.")
def invite(email: str, leader: bool) -> None:
    """Print a sign-in address for EMAIL that works once, within 24 hours."""
    appointment = Appointment(Role.LEADER if leader else Role.ADMINISTRATOR)
    settings = read_settings()
    with opened(settings) as database:
        try:
            invitation_id = database.write_now(
                lambda db: admins.invite(db, email, FROM_SHELL, datetime.now(UTC), appointment)
            )
        except FormRefused as refusal:
            if refusal.errors["email"] == "email":
                raise click.ClickException(f"{email} is not an e-mail address.") from None
            raise click.ClickException(f"{email} is here as something else: remove them in the portal first.") from None
    keyring = Keyring(settings.secret_key.get_secret_value())
    click.echo(addresses.sign_in(settings.base_url, keyring, invitation_id))
