"""A check-in as the templates show it, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reflect.domain import forms
from reflect.domain.questions import QUESTIONS
from reflect.web.wordings import group_names


@dataclass(frozen=True, slots=True)
class CheckinCard:
    """A check-in; `answered` is for staff's lists, `has_answered` for a student's."""

    id: int
    question: str
    is_anonymous: bool
    is_prepared: bool
    is_open: bool
    opens_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    release: str
    shared_with_class: bool
    answered: int = 0
    expected: int = 0
    gives_mark: bool = False
    has_answered: bool = False
    form: str = forms.DEFAULT
    kind: str = "words"
    asks_note: bool = False
    simple_words: bool = False
    manner: str = "character"
    groups: str = ""
    """Names of the groups that alone are asked; empty where everyone is."""


def card(
    checkin: Any,
    tag: str,
    *,
    answered: int = 0,
    expected: int = 0,
    has_answered: bool = False,
    groups: Sequence[Any] = (),
) -> CheckinCard:
    """A row of the check-in table as a card; a library question appears in the reader's language."""
    return CheckinCard(
        id=checkin.id,
        question=QUESTIONS[checkin.question_key].text(tag) if checkin.question_key in QUESTIONS else checkin.question,
        is_anonymous=bool(checkin.is_anonymous),
        is_prepared=checkin.opened_at is None,
        is_open=checkin.opened_at is not None and checkin.closed_at is None,
        opens_at=checkin.opens_at,
        opened_at=checkin.opened_at,
        closed_at=checkin.closed_at,
        release=checkin.release,
        shared_with_class=bool(checkin.shared_with_class),
        answered=answered,
        expected=expected,
        gives_mark=bool(checkin.gives_mark),
        has_answered=has_answered,
        form=checkin.form,
        kind=forms.of(checkin).kind.value,
        asks_note=bool(checkin.asks_note),
        simple_words=bool(checkin.simple_words),
        manner=checkin.manner,
        groups=group_names(groups, tag),
    )
