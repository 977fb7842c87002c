"""What an adult wants to be reminded of in a course: three rules, each with its own numbers, all off until turned on.

Off, because nobody's answers should be watched by a rule that no person has asked for and read.
"""

from collections.abc import Mapping

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.insights.reasons import Kind, Reminder
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.storage import prompts

DEFAULTS: Mapping[Kind, tuple[int, int]] = {Kind.UNPLEASANT: (3, 5), Kind.LOWER: (1, 3), Kind.SILENT: (2, 0)}
"""Count and span of each rule, as it is offered."""
COUNTS: Mapping[Kind, range] = {Kind.UNPLEASANT: range(2, 11), Kind.LOWER: range(1, 4), Kind.SILENT: range(1, 9)}
SPANS: Mapping[Kind, range] = {Kind.UNPLEASANT: range(2, 11), Kind.LOWER: range(2, 6), Kind.SILENT: range(0, 1)}
"""What may be chosen. One unpleasant answer alone is a bad day, and no reason for anything."""


def of(db: Session, viewer: Viewer) -> tuple[Reminder, ...]:
    """The viewer's rules in their course, those they never set as they are offered. Raises Refused `not_allowed`."""
    viewer.must(Capability.SEE_RESULTS)
    kept = {row.kind: row for row in prompts.reminders(db, viewer.course_id, viewer.person_id)}
    return tuple(
        Reminder(kind, bool(row.is_on), row.count, row.span)
        if (row := kept.get(kind)) is not None
        else Reminder(kind, False, *DEFAULTS[kind])
        for kind in Kind
    )


def read(form: Mapping[str, str]) -> tuple[Reminder, ...]:
    """Out of the fields of each rule: its kind (on where there is anything), `…-count` and `…-span`.

    Raises FormRefused with `choose` at the number that is none of those offered, or `more_than_span`.
    """
    errors: dict[str, str] = {}
    found = []
    for kind in Kind:
        count = _number(form, f"{kind}-count", COUNTS[kind], DEFAULTS[kind][0], errors)
        span = _number(form, f"{kind}-span", SPANS[kind], DEFAULTS[kind][1], errors)
        if kind == Kind.UNPLEASANT and not errors and count > span:
            errors[f"{kind}-count"] = "more_than_span"
        found.append(Reminder(kind, bool(form.get(kind)), count, span))
    if errors:
        raise FormRefused(errors)
    return tuple(found)


def _number(form: Mapping[str, str], field: str, offered: range, default: int, errors: dict[str, str]) -> int:
    typed = form.get(field, str(default))
    if typed not in map(str, offered):
        errors[field] = "choose"
        return default
    return int(typed)


def choose(db: Session, viewer: Viewer, rules: tuple[Reminder, ...]) -> None:
    """Set the viewer's rules in their course; raises Refused `not_allowed`."""
    viewer.must(Capability.SEE_RESULTS)
    for rule in rules:
        prompts.remind(db, viewer.course_id, viewer.person_id, rule.kind, rule.is_on, rule.count, rule.span)
