"""What `reflect restore` says that it did besides restoring."""

from collections.abc import Iterator
from pathlib import Path

from reflect.domain.privacy.restores import Ended
from reflect.domain.restores import Report


def told(report: Report, aside: Path | None, was_read: bool) -> Iterator[str]:
    """The report, line by line."""
    yield "Restored, and at the newest schema."
    if aside is not None:
        yield f"What was there before: {aside}. It holds personal data: destroy it once you need it no more."
    yield f"Sessions ended: {report.sessions}. Invitations void: {report.invitations}."
    if report.ended is None:
        yield "What waits to be shown goes on, since nothing has happened since the backup."
    else:
        yield from _ended(report.ended)
    if report.again is not None:
        deleted = ", ".join(f"{what}: {count}" for what, count in report.again.items())
        yield f"Deleted or taken away since the backup, and so again: {deleted}."
        return
    because = "does not know of this backup" if was_read else "could not be read" if aside else "is not there"
    yield f"Who was erased since the backup is not known (the database before {because})."
    yield "Repeat every `reflect person erase` since then, and look through administrators, API keys and platforms."
    if report.erased:
        yield f"The database before names these numbers as erased: {', '.join(report.erased)}."


def _ended(ended: Ended) -> Iterator[str]:
    yield "So that nothing is published a second time with other answers beside:"
    yield f"  anonymous check-ins closed: {ended.checkins}"
    yield f"  sealed answers destroyed unread: {ended.answers}, of guests: {ended.guests}"
    yield f"  named check-ins whose totals classmates will not see: {ended.unshared}"
    yield f"  check-ins that do not open by themselves any more: {ended.unopened}"
    yield f"  check-ins whose week is not published for leaders: {ended.weeks}"
