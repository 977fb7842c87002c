"""What an adult wants to be reminded of in a course: three rules in plain words, with numbers to choose."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import reminders
from reflect.domain.insights.own_usual import FEWEST_BEFORE
from reflect.domain.insights.reasons import MOST, WEEKS, Kind, Reminder
from reflect.domain.refusals import FormRefused
from reflect.domain.sessions import Viewer
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.forms import fields_of
from reflect.web.language import language
from reflect.web.pages import language_of, render, see_other
from reflect.web.prompt_cards import RULES
from reflect.web.sessions import visit


async def edit(request: Request) -> Response:
    """The viewer's rules; raises Refused `not_allowed`."""
    return await _page(request, None, {})


async def update(request: Request) -> Response:
    """Set them; a form with a fault comes back as it was filled in."""
    fields, course_id = await fields_of(request), request.path_params["course_id"]

    def work(db: Session, viewer: Viewer) -> None:
        reminders.of(db, viewer)
        reminders.choose(db, viewer, reminders.read(fields))

    try:
        viewer, _ = await visit(request, work, course_id=course_id, writes=True)
    except FormRefused as refusal:
        return await _page(request, fields, refusal.errors)
    return see_other(request, "prompts.index", viewer, course_id=course_id)


async def _page(request: Request, fields: Mapping[str, str] | None, errors: Mapping[str, str]) -> Response:
    viewer, rules = await visit(request, reminders.of, course_id=request.path_params["course_id"])
    tag = language_of(request, viewer)
    say = language(tag).gettext
    return render(
        request,
        "reminders/edit.html",
        viewer=viewer,
        status=422 if errors else 200,
        headers={"Reflect-Error": "form"} if errors else None,
        rules={rule.kind.value: _rule(rule, fields, say(RULES[rule.kind])) for rule in rules},
        weeks=WEEKS,
        most=MOST,
        fewest_before=FEWEST_BEFORE,
        errors={field: say(FIELD_ERRORS[code]) for field, code in errors.items()},
    )


def _rule(rule: Reminder, fields: Mapping[str, str] | None, name: str) -> dict[str, Any]:
    """A rule as it is, or as it was just filled in."""
    kind: Kind = rule.kind
    if fields is None:
        is_on, count, span = rule.is_on, str(rule.count), str(rule.span)
    else:
        is_on, count, span = bool(fields.get(kind)), fields.get(f"{kind}-count", ""), fields.get(f"{kind}-span", "")
    return {
        "name": name,
        "is_on": is_on,
        "count": count,
        "span": span,
        "counts": list(reminders.COUNTS[kind]),
        "spans": list(reminders.SPANS[kind]),
    }
