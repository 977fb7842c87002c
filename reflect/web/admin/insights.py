"""What leaders read: the institution over weeks and terms, its courses, one of them; each opening is written down."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import leaders
from reflect.domain.admins import Administrator
from reflect.domain.terms import Period
from reflect.storage.terms import listed
from reflect.web.admin.visits import render, visit
from reflect.web.admin.week_cards import chart_of, course_card, days, legend, summary_of, talk_card, week_card
from reflect.web.house import house_of
from reflect.web.pages import language_of

LONGEST_SEARCH = 100
LAST_PAGE = 10_000
Job = Callable[[Session, Administrator, Period], Any]


async def index(request: Request) -> Response:
    """The institution's weeks, its terms, and how requests to talk were followed up."""

    def work(db: Session, admin: Administrator, period: Period) -> Any:
        terms = [
            (term, leaders.weeks(db, admin, Period(term.begins_on, term.ends_on)))
            for term in listed(db)[: leaders.MOST_TERMS]
        ]
        return leaders.weeks(db, admin, period), terms, leaders.talks(db, admin, period)

    admin, (weeks, terms, talks), chosen = await _read(request, work)
    tag = language_of(request)
    return render(
        request,
        "admin/insights/index.html",
        admin,
        shown=None,
        weeks=[week_card(week, tag) for week in reversed(weeks)],
        chart=chart_of(weeks, tag),
        summaries=[summary_of(term, found, tag) for term, found in terms if found],
        talks=[talk_card(period, tag) for period in reversed(talks)],
        **chosen,
    )


async def courses(request: Request) -> Response:
    """The courses of which something was published, by name; how many take part and nothing of how they feel."""
    search = request.query_params.get("search", "").strip()[:LONGEST_SEARCH]
    page = min(max(_number(request, "page") or 1, 1), LAST_PAGE)
    admin, shelf, chosen = await _read(
        request, lambda db, admin, period: leaders.courses(db, admin, period, search, page)
    )
    tag = language_of(request)
    return render(
        request,
        "admin/insights/courses.html",
        admin,
        courses=[course_card(course, tag) for course in shelf.courses],
        search=search,
        page=page,
        has_more=shelf.has_more,
        **chosen,
    )


async def show(request: Request) -> Response:
    """One course against its own usual; as if there were none where nothing was published of it."""
    course_id = request.path_params["course_id"]
    admin, (course, weeks), chosen = await _read(
        request, lambda db, admin, period: leaders.course(db, admin, course_id, period)
    )
    tag = language_of(request)
    return render(
        request,
        "admin/insights/show.html",
        admin,
        shown=course,
        weeks=[week_card(week, tag) for week in reversed(weeks)],
        chart=chart_of(weeks, tag),
        **chosen,
    )


async def _read(request: Request, job: Job) -> tuple[Administrator, Any, dict[str, Any]]:
    """Do the job for the term that was asked for, and write the opening down, once an hour, before it is shown."""
    house = house_of(request)
    term_id, now = _number(request, "term"), house.now()

    def work(db: Session, admin: Administrator) -> Any:
        term, period = leaders.choose(db, admin, term_id, now)
        return job(db, admin, period), term, period, listed(db), leaders.is_to_be_noted(db, admin, now)

    admin, (found, term, period, terms, is_due) = await visit(request, work, for_leaders=True)
    if is_due:
        await house.database.write(lambda db: leaders.note_opening(db, admin, now))
    tag = language_of(request)
    return (
        admin,
        found,
        {
            "term": term,
            "terms": terms,
            "of_term": f"?term={term.id}" if term else "",
            "period": days(period, tag),
            "bands": legend(tag),
            "k": house.settings.min_group_size,
        },
    )


def _number(request: Request, name: str) -> int | None:
    """A number from the address, or None for none; a word, or a number too large, is 0, which nothing has."""
    typed = request.query_params.get(name, "")
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
