"""My reflections: a student's own named answers in this course, as a calendar, a line and a list, and who saw them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import reflections
from reflect.domain.accesses import Looked, Opened
from reflect.domain.emotions import Emotion
from reflect.domain.questions import QUESTIONS
from reflect.domain.reflections import Reflection, Reflections
from reflect.domain.sessions import Viewer
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.months import months
from reflect.web.options import option_card
from reflect.web.pages import language_of, render
from reflect.web.sessions import visit
from reflect.web.trends import HEIGHT, WIDTH, trend
from reflect.web.wordings import person_name


async def index(request: Request) -> Response:
    """The viewer's own page; raises Refused `not_allowed` for who does not answer in this course."""

    def work(db: Session, viewer: Viewer) -> tuple[Reflections, Mapping[int, date]]:
        found = reflections.own(db, viewer)
        return found, reflections.days_of(db, viewer.course_id, found.named)

    viewer, (found, days) = await visit(request, work, course_id=request.path_params["course_id"])
    tag = language_of(request, viewer)
    cards = {it.checkin_id: _card(it, tag) for it in found.named}
    pleasant = [(it.emotion.pleasantness, it.emotion.energy) for it in found.named if it.emotion is not None]
    return render(
        request,
        "reflections/index.html",
        viewer=viewer,
        person_id=viewer.person_id,
        anonymous=found.anonymous,
        answers=list(cards.values())[::-1],
        months=months([(days[it.checkin_id], cards[it.checkin_id]) for it in found.named], language(tag).cldr),
        trend=trend(pleasant) if len(pleasant) > 1 else None,
        trend_box=f"0 0 {WIDTH} {HEIGHT}",
        emotions=[_feeling(emotion, tag) for emotion in found.emotions],
        opened=_opened(found, cards, tag),
    )


def question_in(reflection: Reflection, tag: str) -> str:
    """What was asked; a library question appears in the reader's language."""
    known = QUESTIONS.get(reflection.question_key) if reflection.question_key else None
    return known.text(tag) if known else reflection.question


def word_of(reflection: Reflection, tag: str) -> str:
    """What was answered, as a word."""
    return option_card(reflection, reflection.choice, tag, reflection.word).word


def _card(reflection: Reflection, tag: str) -> dict[str, Any]:
    return {
        "question": question_in(reflection, tag),
        "word": word_of(reflection, tag),
        "note": reflection.note,
        "emotion": _feeling(reflection.emotion, tag) if reflection.emotion else None,
        "answered_at": reflection.answered_at,
    }


def _feeling(emotion: Emotion, tag: str) -> dict[str, Any]:
    numbers = {"pleasantness": emotion.pleasantness, "energy": emotion.energy}
    return {"key": emotion.key, "word": emotion.word(tag), **numbers}


LOOKED = {
    "page": _("your page, with all these answers"),
    "prompt": _("a list of students to ask how they are, with a line about you"),
}


def _reader(opened: Opened | Looked, tag: str) -> str:
    if isinstance(opened, Opened) and opened.key:
        sentence = _("The school’s data warehouse, by the key “%(name)s”")
        return language(tag).gettext(sentence) % {"name": opened.key}
    return person_name(opened.name, opened.sub, opened.role or "teacher", tag)


def _opened(found: Reflections, cards: Mapping[int, dict[str, Any]], tag: str) -> list[dict[str, Any]]:
    """Who had one check-in or everything before them, newest first."""
    of_checkins = [(it.hour, it, cards[it.checkin_id]["question"]) for it in found.opened]
    of_everything = [(it.hour, it, language(tag).gettext(LOOKED[it.kind])) for it in found.looked]
    rows: list[tuple[datetime, Opened | Looked, str]] = [*of_checkins, *of_everything]
    return [
        {
            "reader": _reader(it, tag)
            if isinstance(it, Opened)
            else person_name(it.name, it.sub, it.role or "teacher", tag),
            "question": words,
            "hour": hour,
        }
        for hour, it, words in sorted(rows, key=lambda row: row[0], reverse=True)
    ]
