"""A check-in as the templates show it, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reflect.domain import forms
from reflect.domain.questions import QUESTIONS
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.wordings import group_names

FAULTS = {
    "groups_too_small": _("Did not open by itself: so few students were asked that answers would stand out."),
    "groups_overlap": _("Did not open by itself: nearly the same students had been asked the same that day."),
    "missed": _("Did not open by itself: Reflect was not running, or the series was paused, when its time came."),
}


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
    closes_at: datetime | None = None
    is_archived: bool = False
    series_id: int | None = None
    revision: int = 0
    fault: str = ""
    """Why it did not open by itself when its time came, in words."""
    is_imported: bool = False
    """Whether its answers were given in another system."""
    guests: int = 0
    """How many have answered as guests; `answered` does not count them."""
    groups: str = ""
    """Names of the groups that alone are asked; empty where everyone is."""

    @property
    def sent_length(self) -> int:
        """What is sent is filled up to a multiple of so many bytes (static/js/answers.js): room for each choice and an
        own word, or for a long note besides."""
        return 8192 if self.asks_note else 512


def card(
    checkin: Any,
    tag: str,
    *,
    answered: int = 0,
    expected: int = 0,
    has_answered: bool = False,
    groups: Sequence[Any] = (),
    guests: int = 0,
) -> CheckinCard:
    """A row of the check-in table as a card; a library question appears in the reader's language."""
    return CheckinCard(
        id=checkin.id,
        question=question_of(checkin.question_key, checkin.question, tag),
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
        closes_at=checkin.closes_at,
        is_archived=checkin.archived_at is not None,
        series_id=checkin.series_id,
        revision=checkin.revision,
        fault=fault_words(checkin.opening_fault, tag),
        is_imported=checkin.import_key is not None,
        guests=guests,
        groups=group_names(groups, tag),
    )


def question_of(key: str | None, words: str, tag: str) -> str:
    """What is asked; a library question in the reader's language."""
    return QUESTIONS[key].text(tag) if key and key in QUESTIONS else words


def fault_words(fault: str, tag: str) -> str:
    """Why a check-in did not open by itself; empty where it did, or may still."""
    return language(tag).gettext(FAULTS[fault]) if fault in FAULTS else ""
