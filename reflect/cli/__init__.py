"""`reflect …`: what an administrator does from a shell."""

import click
from sqlalchemy.exc import OperationalError

from reflect import __version__
from reflect.cli.admins import admin
from reflect.cli.backups import backup, restore
from reflect.cli.demo import demo
from reflect.cli.doctor import doctor
from reflect.cli.imports import import_history
from reflect.cli.moves import move
from reflect.cli.persons import person
from reflect.cli.registrations import registration
from reflect.cli.rotations import secret
from reflect.cli.serving import serve
from reflect.cli.upkeep import migrate, purge, tidy
from reflect.cli.verifying import verify_anonymity
from reflect.settings import SettingsRefused
from reflect.storage.outages import DatabaseAway


class Commands(click.Group):
    """A group whose commands end with one clear line per fault instead of a trace."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; wrong settings are the user's to mend, not a crash."""
        try:
            return super().invoke(ctx)
        except SettingsRefused as refusal:
            raise click.ClickException("\n       ".join(refusal.faults)) from None
        except (OperationalError, DatabaseAway) as fault:
            kind = type(getattr(fault, "orig", fault)).__name__
            raise click.ClickException(
                f"The database cannot be reached, is held by another process, or has no room ({kind}). Try again later."
            ) from None


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """Wellbeing check-ins inside your LMS: self-hosted, private by design."""


for command in (
    demo, serve, migrate, admin, registration, person, import_history, doctor, tidy, purge,
    verify_anonymity, backup, restore, move, secret,
):  # fmt: skip
    main.add_command(command)
