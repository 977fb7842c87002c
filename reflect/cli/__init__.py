"""`reflect …`: what an administrator does from a shell."""

from importlib import import_module
from typing import Final

import click

from reflect import __version__
from reflect.cli.loading import undisturbed

COMMANDS: Final = {
    "demo": ("demo", "demo"),
    "serve": ("serving", "serve"),
    "migrate": ("upkeep", "migrate"),
    "admin": ("admins", "admin"),
    "registration": ("registrations", "registration"),
    "person": ("persons", "person"),
    "import": ("imports", "import_history"),
    "doctor": ("doctor", "doctor"),
    "tidy": ("upkeep", "tidy"),
    "purge": ("upkeep", "purge"),
    "verify-anonymity": ("verifying", "verify_anonymity"),
    "backup": ("backups", "backup"),
    "restore": ("backups", "restore"),
    "move": ("moves", "move"),
    "secret": ("rotations", "secret"),
}
"""Where each command is: its module and its name in it."""


class Commands(click.Group):
    """A group that loads a command when it is asked for, so that `serve` starts without all others; they end with one
    clear line per fault instead of a trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, as `--help` shows them."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        with undisturbed():
            command = getattr(import_module(f"{__name__}.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; wrong settings are the user's to mend, not a crash."""
        with undisturbed():
            from sqlalchemy.exc import OperationalError

            from reflect.cli import outages
            from reflect.settings import SettingsRefused
            from reflect.storage.outages import DatabaseAway
            from reflect.storage.revisions import DatabaseForeign
        try:
            return super().invoke(ctx)
        except SettingsRefused as refusal:
            raise click.ClickException("\n       ".join(refusal.faults)) from None
        except (OperationalError, DatabaseAway) as fault:
            raise click.ClickException(outages.words(fault)) from None
        except DatabaseForeign:
            raise click.ClickException(f"{outages.FOREIGN} Nothing was changed. [database_foreign]") from None
        except ImportError as fault:
            if outages.lacks_driver(fault):
                raise click.ClickException(outages.NO_DRIVER) from None
            raise


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """Wellbeing check-ins inside your LMS: self-hosted, private by design."""
