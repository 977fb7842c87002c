"""A teacher's own questions: kept to be asked again in any of their courses, seen by nobody else until they ask."""

from collections.abc import Sequence

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.checkins import LONGEST_QUESTION
from reflect.domain.refusals import FormRefused, Missing
from reflect.domain.sessions import Viewer
from reflect.domain.writing import in_one_line, is_readable
from reflect.storage import own_questions
from reflect.storage.own_questions import OwnQuestion

MOST = 200
"""Questions that somebody may keep."""


def of(db: Session, viewer: Viewer) -> Sequence[OwnQuestion]:
    """The viewer's own questions, newest first; raises Refused `not_allowed`."""
    viewer.must(Capability.CREATE_CHECKINS)
    return own_questions.of_person(db, viewer.person_id)


def keep(db: Session, viewer: Viewer, text: str) -> None:
    """Keep a question; one that is kept already stays once.

    Raises Refused `not_allowed`, FormRefused with `question`: `question_missing`, `question_too_long`,
    `question_unprintable`, `questions_too_many`.
    """
    viewer.must(Capability.CREATE_CHECKINS)
    words = in_one_line(text)
    if not words:
        raise FormRefused({"question": "question_missing"})
    if len(words) > LONGEST_QUESTION:
        raise FormRefused({"question": "question_too_long"})
    if not is_readable(words):
        raise FormRefused({"question": "question_unprintable"})
    kept = {question.text for question in own_questions.of_person(db, viewer.person_id)}
    if words not in kept and len(kept) >= MOST:
        raise FormRefused({"question": "questions_too_many"})
    own_questions.keep(db, viewer.person_id, words)


def discard(db: Session, viewer: Viewer, question_id: int) -> None:
    """Delete one of the viewer's own questions; raises Refused `not_allowed`, Missing."""
    viewer.must(Capability.CREATE_CHECKINS)
    if not own_questions.discard(db, viewer.person_id, question_id):
        raise Missing()
