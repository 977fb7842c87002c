"""Results: a page for staff that keeps itself up to date by asking again, and costs next to nothing when it did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins, guests, results
from reflect.domain.capabilities import Capability
from reflect.domain.guests import GuestResults
from reflect.domain.results import Results
from reflect.domain.sessions import Viewer
from reflect.storage import groups
from reflect.storage.services import CourseService
from reflect.web import accesses
from reflect.web.cards import card
from reflect.web.house import house_of
from reflect.web.options import grid_names, option_card
from reflect.web.pages import TAB, for_all_readers, language_of, page_of, render, wants_part
from reflect.web.receipts import audience_words
from reflect.web.rosters import keep_fresh
from reflect.web.sessions import visit
from reflect.web.wordings import person_name, waiting_sentence


async def show(request: Request) -> Response:
    """The results page, or for htmx its live part: 304 while nothing has changed (RFC 9110 13.1.2)."""
    viewer, found = await visit(request, state(request), checkin_id=request.path_params["checkin_id"])
    await accesses.note(request, viewer, found.checkin, found.results)
    return page(request, viewer, found)


@dataclass(frozen=True, slots=True)
class State:
    """A check-in as its results page shows it; `results` is None where the reader has seen all of it."""

    checkin: Any
    results: Results | None
    service: CourseService | None
    asked: Sequence[Any]
    """The groups that it was put to; none if it was put to everyone."""
    guests: GuestResults | None = None


def state(request: Request) -> Callable[[Session, Viewer], State]:
    """What a results page needs, to be looked up as the viewer; raises what `results.for_staff` raises."""
    checkin_id, known = request.path_params["checkin_id"], request.headers.get("if-none-match", "")
    is_visit = not wants_part(request)

    def work(db: Session, viewer: Viewer) -> State:
        # Also of what has not changed: the version counts answers.
        viewer.must(Capability.SEE_RESULTS)
        checkin = checkins.of(db, viewer, checkin_id)
        unchanged = not is_visit and known == etag_of(checkin, viewer)
        service = db.get(CourseService, viewer.course_id) if is_visit else None
        found = None if unchanged else results.for_staff(db, viewer, checkin)
        is_shown = checkin.for_groups and not unchanged
        asked = groups.of_checkins(db, viewer.course_id)[checkin.id] if is_shown else ()
        return State(checkin, found, service, asked, None if unchanged else guests.for_staff(db, viewer, checkin))

    return work


def page(request: Request, viewer: Viewer, found: State) -> Response:
    """The page of a state, its live part, or 304."""
    checkin, is_visit, etag = found.checkin, not wants_part(request), etag_of(found.checkin, viewer)
    if found.results is None:
        return unchanged(etag)
    # A teacher whose activity is this check-in's own never comes by the course's home.
    keep_fresh(house_of(request), found.service)
    tag, headers = language_of(request, viewer), {"ETag": etag}
    if is_visit:
        return render(request, "results/show.html", viewer=viewer, headers=headers, **_content(found, etag, tag))
    part = house_of(request).fragments.of(
        (checkin.id, viewer.role, viewer.locale, tag),
        found,
        lambda: for_all_readers(
            request, "results/_live.html", tag, viewer, course={"id": viewer.course_id}, **_content(found, etag, tag)
        ),
    )
    return page_of(part.replace(TAB, viewer.tab), tag, viewer.frame_ancestors, headers)


def _content(found: State, etag: str, tag: str) -> dict[str, Any]:
    """What the templates show. Nothing of the reader may be in it that is not in the key of its fragment."""
    assert found.results is not None
    checkin = found.checkin
    return {
        "checkin": card(checkin, tag, groups=found.asked),
        "audience": audience_words(checkin, tag),
        "results": shown(found.results, checkin, tag),
        "guest_results": shown(found.guests.results, checkin, tag, of_guests=True) if found.guests else None,
        "etag": etag,
        "is_exported": bool(checkin.is_exported) and not checkin.is_anonymous,
    }


def unchanged(etag: str) -> Response:
    """That nothing is new since the state of that name."""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-store"})


def etag_of(checkin: Any, viewer: Viewer) -> str:
    """Names the state of a results page: the check-in's version, for this role and language."""
    return f'"{checkin.id}-{checkin.version}-{viewer.role}-{viewer.locale}"'


def shown(found: Results, checkin: Any, tag: str, *, of_guests: bool = False) -> dict[str, Any]:
    """Results as the templates show them, in the reader's language; `whose` keeps the ids on a page apart."""
    people = [
        {
            "name": person_name(person.name, person.sub, "learner", tag),
            "option": option_card(checkin, person.choice, tag, person.word),
            "note": person.note,
        }
        for person in found.people
    ]
    return {
        "whose": "guest-" if of_guests else "",
        "answered": found.answered,
        "shown": found.shown,
        "unsaid": found.unsaid,
        "withheld": found.withheld,
        "is_nearly_everyone": found.is_nearly_everyone,
        "waiting": waiting_sentence(found, checkin, tag, of_guests=of_guests),
        "bars": [
            {"option": option_card(checkin, bar.choice, tag), "count": bar.count, "share": bar.share}
            for bar in found.bars
        ],
        "grid": grid_names(tag),
        "words": found.words,
        "notes": found.notes,
        "people": sorted(people, key=lambda person: str(person["name"]).casefold()),
        "awaited": [person_name(person.name, person.sub, "learner", tag) for person in found.awaited],
    }
