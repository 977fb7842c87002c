"""Giving something back to a named answer: one of a few marks, a short reply, or both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import checkins, results
from reflect.domain.capabilities import Capability
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.results import NamedAnswer
from reflect.domain.sessions import Viewer
from reflect.domain.writing import in_lines, is_readable
from reflect.storage import answers, responses

MARKS = ("heart", "star", "leaf", "seen")
LONGEST_REPLY = 300
MOST_SHOWN = 3
"""Responses at a student's home; the others stand with their answers."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A named answer with what was given back to it, if anything."""

    answer: NamedAnswer
    response: Any


def of_checkin(db: Session, viewer: Viewer, checkin_id: int) -> tuple[Any, list[Answered]]:
    """A named check-in and its answers with their responses.

    Raises Refused `not_allowed`, `response_anonymous` (nobody knows whose answer it is), Missing.
    """
    checkin = _named(db, viewer, checkin_id)
    given = responses.of_checkin(db, checkin_id)
    found = results.for_staff(db, viewer, checkin).people
    return checkin, [Answered(answer, given.get(answer.person_id)) for answer in found]


def respond(
    db: Session, viewer: Viewer, checkin_id: int, person_id: int, form: Mapping[str, str], now: datetime
) -> str:
    """Set the mark of an answer (empty for none), or the reply; who changes something signs. The reply as it is kept.

    To send the same twice is to send it once: after a refusal nobody knows whether the first was kept. `kept` of the
    form is the reply that its field began with.

    Raises what `of_checkin` raises, FormRefused with `mark` or `reply` (`reply_changed` where another one is kept
    meanwhile), Missing where there is no such answer.
    """
    _named(db, viewer, checkin_id)
    if answers.own(db, checkin_id, person_id) is None:
        raise Missing()
    before = responses.to_answer(db, checkin_id, person_id)
    mark, words = found = (before.mark, before.words) if before else ("", "")
    if "mark" in form:
        mark = _mark(form["mark"])
    if "reply" in form:
        words = _reply(form["reply"], form.get("kept", words), words)
    if (mark, words) == found:
        return words
    if mark or words:
        responses.give(db, checkin_id, person_id, mark, words, viewer.person_id, now)
    else:
        responses.take_back(db, checkin_id, person_id)
    return words


def is_edited(typed: str, shown: str) -> bool:
    """Whether somebody wrote other words than their field began with; a browser changes the ends of lines by itself."""
    return typed.split() != shown.split()


def _reply(typed: str, shown: str, kept: str) -> str:
    """The reply to keep. One that came after the field was shown nobody has seen who would replace it."""
    words = read_words(typed, "reply", LONGEST_REPLY)
    if not is_edited(kept, shown) or not is_edited(words, kept):
        return words
    if not is_edited(words, shown):
        return kept
    if kept:
        raise FormRefused({"reply": "reply_changed"})
    return words


def read_words(typed: str, field: str, longest: int) -> str:
    """What somebody wrote, with the spaces and lines that mean something; raises FormRefused at that field."""
    words = in_lines("\n".join(" ".join(line.split()) for line in typed.splitlines()))
    if not is_readable(words):
        raise FormRefused({field: "question_unprintable"})
    if len(words) > longest:
        raise FormRefused({field: f"{field}_too_long"})
    return words


def _mark(typed: str) -> str:
    if typed not in ("", *MARKS):
        raise FormRefused({"mark": "choose"})
    return typed


def _named(db: Session, viewer: Viewer, checkin_id: int) -> Any:
    viewer.must(Capability.RESPOND)
    checkin = checkins.of(db, viewer, checkin_id)
    if checkin.is_anonymous:
        raise Refused("response_anonymous")
    return checkin


def to_own(db: Session, viewer: Viewer, checkin: Any) -> Any:
    """What was given back to the viewer's own answer, or None."""
    return None if checkin.is_anonymous else responses.to_answer(db, checkin.id, viewer.person_id)


def newest_to(db: Session, viewer: Viewer) -> Sequence[Any]:
    """The newest responses to the viewer in their course."""
    return responses.to_person(db, viewer.course_id, viewer.person_id, MOST_SHOWN)
