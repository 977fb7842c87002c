"""Insights: a course over time, for its staff; to look at, and to print on one page."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain.insights import courses
from reflect.domain.insights.courses import LENGTHS, Insights, Wish
from reflect.domain.insights.spans import Step
from reflect.web import accesses
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.house import house_of
from reflect.web.insight_cards import insights_card, thread_words
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.options import FORM_NAMES
from reflect.web.pages import language_of, render
from reflect.web.sessions import visit
from reflect.web.wordings import group_name

LENGTH_NAMES = dict(zip(LENGTHS, (_("4 weeks"), _("13 weeks"), _("a year")), strict=True))
STEP_NAMES = {Step.DAY: _("by day"), Step.WEEK: _("by week"), Step.MONTH: _("by month")}


async def index(request: Request) -> Response:
    """A course over time, as the address asks for it; a zone that is none is told at its field."""
    house = house_of(request)
    wish, k, now = Wish.read(request.query_params), house.settings.min_group_size, house.now()
    # Who may look is asked of the database itself; what they see may be some seconds old.
    viewer, _ = await visit(request, lambda _db, _viewer: None, course_id=request.path_params["course_id"])
    found = await house.database.read_late(lambda db: courses.of_course(db, viewer, wish, k, now))
    await accesses.note_checkins(request, viewer, found.few_named)
    tag = language_of(request, viewer)
    say = language(tag).gettext
    return render(
        request,
        "insights/index.html",
        viewer=viewer,
        status=422 if wish.errors else 200,
        tab=viewer.tab,
        insights=insights_card(found, wish.step, k, tag),
        choices=_choices(found, tag),
        group=next((group_name(row, tag) for row in found.groups if str(row.id) == wish.group), ""),
        form={
            "weeks": str(wish.weeks),
            "by": wish.step.value,
            "about": wish.about,
            "group": wish.group,
            "clock_zone": wish.clock_zone or found.zone,
        },
        errors={field: say(FIELD_ERRORS[code]) for field, code in wish.errors.items()},
        form_names={form: say(label) for form, (label, _hint) in FORM_NAMES.items()},
        k=k,
        is_noted=bool(found.few_named),
    )


def _choices(found: Insights, tag: str) -> dict[str, list[tuple[str, str]]]:
    """What the form offers: values with their labels."""
    say = language(tag).gettext
    return {
        "weeks": [(str(length), say(label)) for length, label in LENGTH_NAMES.items()],
        "by": [(step.value, say(label)) for step, label in STEP_NAMES.items()],
        "about": [(thread.key, thread_words(thread, tag)) for thread in found.threads],
        "group": [(str(row.id), group_name(row, tag)) for row in found.groups],
    }
