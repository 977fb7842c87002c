"""Terms: periods that administrators name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from sqlmodel import Session

from reflect.domain import audit
from reflect.domain.refusals import FormRefused, Missing
from reflect.domain.writing import in_one_line, is_readable
from reflect.storage.terms import Term

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Period:
    """Days from one to another, both in it."""

    begins_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Named:
    """A term as it was typed and checked."""

    name: str
    begins_on: date
    ends_on: date

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a form's fields `term_name`, `begins_on` and `ends_on`; raises FormRefused with their errors."""
        name = in_one_line(form.get("term_name", ""))
        errors = {}
        if not name:
            errors["term_name"] = "required"
        elif len(name) > LONGEST_NAME or not is_readable(name):
            errors["term_name"] = "name_too_long" if is_readable(name) else "question_unprintable"
        days = {field: _day(form.get(field, "")) for field in ("begins_on", "ends_on")}
        errors |= {field: "day" for field, day in days.items() if day is None}
        begins_on, ends_on = days["begins_on"], days["ends_on"]
        if begins_on is None or ends_on is None or errors:
            raise FormRefused(errors)
        if ends_on < begins_on:
            raise FormRefused({"ends_on": "period_reversed"})
        return cls(name, begins_on, ends_on)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def add(db: Session, named: Named, actor: str, now: datetime) -> None:
    """Name a period."""
    db.add(Term(name=named.name, begins_on=named.begins_on, ends_on=named.ends_on))
    audit.note(db, actor, "term_added", named.name, now)


def remove(db: Session, term_id: int, actor: str, now: datetime) -> None:
    """Name it no more; what was published stays. Raises Missing."""
    row = db.get(Term, term_id)
    if row is None:
        raise Missing()
    audit.note(db, actor, "term_removed", row.name, now)
    db.delete(row)
