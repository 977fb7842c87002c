"""Breaks after an answer: all of them on one page, and each on its own."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import breaks
from reflect.domain.breaks import Break
from reflect.domain.emotions import EMOTIONS
from reflect.web.pages import language_of, render
from reflect.web.sessions import visit


@dataclass(frozen=True, slots=True)
class BreakCard:
    """A break in the reader's language; `steps` are (seconds, words)."""

    key: str
    title: str
    purpose: str
    done: str
    rounds: int
    minutes: int
    steps: tuple[tuple[int, str], ...]


def break_card(found: Break, tag: str) -> BreakCard:
    """A break as its page and the lists show it."""
    script = found.script(tag)
    return BreakCard(
        key=found.key,
        title=script.title,
        purpose=script.purpose,
        done=script.done,
        rounds=found.rounds,
        minutes=max(1, round(found.length / 60)),
        steps=tuple(zip(found.seconds, script.steps, strict=True)),
    )


def offered(choice: str | None, tag: str) -> list[BreakCard]:
    """What is offered after an answer; for one that is not known any more, or is no feeling, the same for everybody."""
    emotion = EMOTIONS.get(choice) if choice else None
    return [break_card(found, tag) for found in breaks.fitting(emotion.quadrant if emotion else None)]


async def index(request: Request) -> Response:
    """All breaks, for whoever is in the course."""
    viewer, _ = await visit(request, lambda _db, viewer: viewer, course_id=request.path_params["course_id"])
    tag = language_of(request, viewer)
    cards = [break_card(found, tag) for found in breaks.BREAKS.values()]
    return render(request, "breaks/index.html", viewer=viewer, breaks=cards)


async def show(request: Request) -> Response:
    """One break; raises Missing."""
    found = breaks.find(request.path_params["key"])
    viewer, _ = await visit(request, lambda _db, viewer: viewer, course_id=request.path_params["course_id"])
    return render(request, "breaks/show.html", viewer=viewer, found=break_card(found, language_of(request, viewer)))
