"""`reflect import FILE`: check-ins and answers of a time before Reflect, in the shape of Microsoft Graph."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlmodel import Session, col

from reflect.cli.paths import Readable
from reflect.cli.upkeep import opened
from reflect.domain import audit, import_files, imports
from reflect.domain.audit import FROM_SHELL
from reflect.domain.import_entries import Report
from reflect.domain.import_joins import COLUMNS, Mapped
from reflect.domain.imports import Terms
from reflect.domain.refusals import ImportRefused
from reflect.settings import Settings, read_settings
from reflect.storage.imports import CLASS, PERSON
from reflect.storage.registrations import Deployment

FILE = Readable()
FAULTS = {
    "import_unreadable": "is neither JSON nor CSV there, or not in UTF-8",
    "import_row_too_large": f"has a row there of more than {import_files.LARGEST_ROW} characters",
    "import_columns": "lacks the columns %(columns)s",
    "mapping_row": "lacks an id there, or has one that is too long",
    "mapping_twice": "maps an id there that it has mapped to something else before",
    "class_elsewhere": "maps the class %(id)s to another course than an earlier import did",
    "person_elsewhere": "maps the person %(id)s to somebody else than an earlier import did",
}
"""What can be wrong with a file."""
REASONS = {
    "field_missing": "%(field)s is missing",
    "too_long": "%(field)s is too long",
    "not_text": "%(field)s is no text that can be shown",
    "moment": "%(field)s is no moment such as 2026-09-07T08:00:00Z",
    "in_the_future": "%(field)s is in the future",
    "checkin_deleted": "its check-in was imported before and has been deleted since",
    "partly_anonymous": "its check-in has answers with and without a responderId",
}
"""What can be wrong with a row."""
COUNTS = {
    "imported": "imported",
    "changed": "later than the answer that was there, and put in its place",
    "already_there": "there already",
    "superseded": "older than the answer that is there",
    "withheld": "anonymous and too few of a check-in to be shown, so left out",
    "refused": "refused",
}
"""What became of rows, by the fields of the report."""


@click.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--registration", "registration_id", type=int, help="Whose history it is; needed where there are several."
)
@click.option("--deployment", help="The deployment of that registration; needed where it has several.")
@click.option(
    "--classes", type=FILE, help="CSV with the columns classId, courseId (LTI context id), and perhaps title."
)
@click.option(
    "--people", type=FILE, help="CSV with the columns personId, sub (the id that the platform launches with)."
)
@click.option("--partly", is_flag=True, help="Keep the other rows where some are refused; else it is all or nothing.")
@click.option("--dry-run", "is_trial", is_flag=True, help="Only say what would become of each row.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_history(
    file: Path,
    registration_id: int | None,
    deployment: str | None,
    classes: Path | None,
    people: Path | None,
    partly: bool,
    is_trial: bool,
    as_json: bool,
) -> None:
    """Bring check-ins and answers over from a FILE in the shape of Microsoft Graph's reflectCheckInResponses.

    JSON (a page as Graph answers, several one after the other, or a list), JSON Lines, or CSV with the same column
    names. Importing again changes nothing; a later file adds what is new.
    """
    settings = read_settings()
    mapped = _mapped(classes, people)
    with opened(settings) as database:

        def work(db: Session) -> Report:
            now = datetime.now(UTC)
            terms = Terms(
                _deployment(db, registration_id, deployment),
                mapped,
                settings.min_group_size,
                settings.retention_days,
                partly,
                is_trial,
            )
            with file.open("rb") as content:
                report = imports.take(db, import_files.records(content), terms, now)
            if report.is_kept:
                audit.note(db, FROM_SHELL, "history_imported", f"{report.imported + report.changed}/{report.rows}", now)
            return report

        with _told(file):
            report = database.write_now(work)
    click.echo(json.dumps(_values(report), ensure_ascii=False) if as_json else _words(report, settings))
    if not (report.is_kept or is_trial) or (report.refused and not partly):
        raise click.exceptions.Exit(1)


def _mapped(classes: Path | None, people: Path | None) -> Mapped:
    with ExitStack() as opening:
        tables = []
        for path, kind in ((classes, CLASS), (people, PERSON)):
            rows = import_files.table(opening.enter_context(path.open("rb")), COLUMNS[kind]) if path else iter(())
            tables.append((path, rows))
        (of_classes, rows), (of_people, more) = tables
        found = Mapped()
        with _told(of_classes or Path()):
            found = Mapped.read(rows, ())
        with _told(of_people or Path()):
            return Mapped(found.courses, Mapped.read((), more).people, found.titles)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Let a fault of a file end the command in one line."""
    try:
        yield
    except ImportRefused as refusal:
        line = f", line {refusal.facts['line']}," if "line" in refusal.facts else ""
        raise click.ClickException(f"{file.name}{line} {FAULTS[refusal.code] % refusal.facts}.") from None


def _deployment(db: Session, registration_id: int | None, deployment: str | None) -> int:
    found = select(Deployment).where(col(Deployment.is_approved))
    if registration_id is not None:
        found = found.where(col(Deployment.registration_id) == registration_id)
    if deployment is not None:
        found = found.where(col(Deployment.deployment_id) == deployment)
    rows = db.scalars(found).all()
    if not rows:
        raise click.ClickException("There is no such registration: `reflect registration list` shows them.")
    if len(rows) > 1:
        raise click.ClickException("Say whose history it is: --registration ID, and if it has several, --deployment.")
    assert rows[0].id is not None
    return rows[0].id


def _values(report: Report) -> Mapping[str, Any]:
    until = report.kept_until and report.kept_until.isoformat()
    return {**asdict(report), "reasons": dict(report.reasons), "kept_until": until}


def _words(report: Report, settings: Settings) -> str:
    lines = [f"Rows: {report.rows}"]
    lines += [f"  {getattr(report, name)} {words}" for name, words in COUNTS.items() if getattr(report, name)]
    lines += [f"    line {told['line']}: {REASONS[told['reason']] % told}" for told in report.told[:20]]
    if report.refused > 20:
        lines.append(f"    and {report.refused - 20} more: --json lists the first {len(report.told)}")
    if report.not_understood:
        lines.append(
            f"{report.not_understood} name a feeling that Reflect does not know; kept as answers that tell none."
        )
    lines.append(f"New: {report.checkins} check-ins, {report.courses} courses, {report.people} people.")
    if report.unplaced_courses or report.unplaced_people:
        lines.append(
            f"Known from imports only, and seen by nobody: {report.unplaced_courses} courses, {report.unplaced_people} "
            "people. Import again with --classes and --people to join them with those of the platform."
        )
    if report.kept_until:
        lines.append(
            f"Kept until {report.kept_until.isoformat()} at least: an import counts as a visit, and what nobody visits "
            f"for {settings.retention_days} days is deleted (REFLECT_RETENTION_DAYS)."
        )
    lines.append("Done." if report.is_kept else "Nothing was kept.")
    return "\n".join(lines)
