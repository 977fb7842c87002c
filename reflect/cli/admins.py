"""`reflect admin …`: who may use the registration portal."""

from datetime import UTC, datetime

import click

from reflect.cli.upkeep import opened
from reflect.domain import admins
from reflect.domain.audit import FROM_SHELL
from reflect.domain.refusals import FormRefused
from reflect.keyring import Keyring
from reflect.settings import read_settings
from reflect.web.admin import addresses


@click.group()
def admin() -> None:
    """Let people into the registration portal."""


@admin.command()
@click.argument("email")
def invite(email: str) -> None:
    """Print a sign-in address for EMAIL that works once, within 24 hours."""
    settings = read_settings()
    with opened(settings) as database:
        try:
            invitation_id = database.write_now(lambda db: admins.invite(db, email, FROM_SHELL, datetime.now(UTC)))
        except FormRefused:
            raise click.ClickException(f"{email} is not an e-mail address.") from None
    keyring = Keyring(settings.secret_key.get_secret_value())
    click.echo(addresses.sign_in(settings.base_url, keyring, invitation_id))
