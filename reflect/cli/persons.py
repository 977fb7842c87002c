"""Single people from a shell: `reflect person export`, `erase`, and `unlink` from the institution's sign-in."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click
from sqlmodel import Session

from reflect.cli.upkeep import opened, settle
from reflect.domain import persons
from reflect.domain.refusals import Missing
from reflect.settings import read_settings

Result = TypeVar("Result")


@click.group()
def person() -> None:
    """See, copy or erase what is held on one person. They find their number (ID) on their page “My reflections”."""


def _do(job: Callable[[Session], Result], *, writes: bool) -> Result:
    with opened(read_settings()) as database:
        try:
            result: Result = database.write_now(job) if writes else database.read_now(job)
        except Missing:
            raise click.ClickException("There is no such person.") from None
        if writes:
            settle(database)
        return result


@person.command()
@click.argument("person_id", type=int, metavar="ID")
def export(person_id: int) -> None:
    """Print all that is held on a person, as JSON. Anonymous answers cannot be among it: nobody can find them."""
    found = _do(lambda db: persons.export(db, person_id), writes=False)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@person.command()
@click.argument("person_id", type=int, metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask first.")
def erase(person_id: int, yes: bool) -> None:
    """Delete a person with all that is held on them. It cannot be undone; backups still hold it."""
    if not yes:
        click.confirm(f"Erase person {person_id} and all their answers for good?", abort=True)
    erased = _do(lambda db: persons.erase(db, person_id, datetime.now(UTC)), writes=True)
    click.echo(f"Person {person_id} is erased. Named answers deleted: {erased}.")


@person.command()
@click.argument("person_id", type=int, metavar="ID")
def unlink(person_id: int) -> None:
    """Undo a wrong link of a person with the institution's sign-in. Their next launch asks anew."""
    if not _do(lambda db: persons.unlink(db, person_id, datetime.now(UTC)), writes=True):
        raise click.ClickException(f"Person {person_id} is not linked.")
    click.echo(f"Person {person_id} is not linked any more, and their sessions have ended.")
