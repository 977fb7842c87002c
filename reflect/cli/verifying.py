"""`reflect verify-anonymity`: for whoever would rather look than believe."""

import json
from dataclasses import asdict

import click

from reflect.cli.upkeep import opened
from reflect.domain.privacy.verification import verify
from reflect.settings import read_settings


@click.command("verify-anonymity")
@click.option("--json", "as_json", is_flag=True, help="Print what was looked at as JSON.")
def verify_anonymity(as_json: bool) -> None:
    """Show on the live database that no join leads from an anonymous answer to a person; exit 1 if one might.

    It changes nothing, and opens no seal.
    """
    with opened(read_settings()) as database:
        proofs = database.read_now(verify)
    if as_json:
        click.echo(json.dumps([asdict(proof) for proof in proofs], indent=2))
    else:
        for proof in proofs:
            click.echo(f"{'ok  ' if proof.holds else 'FAIL'} {proof.claim}\n     {proof.found}")
    if not all(proof.holds for proof in proofs):
        raise SystemExit(1)
