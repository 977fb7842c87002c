"""The platform's content dialog: pick or make a check-in, and answer with a signed form (Deep Linking 2.0)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins, deep_links, gradebooks
from reflect.domain.deep_links import HOME, Choice
from reflect.domain.periods import FIELDS, Period, Periods
from reflect.domain.refusals import FormRefused, Refused
from reflect.domain.sessions import Viewer
from reflect.lti import deep_linking
from reflect.lti.deep_linking import LinkItem
from reflect.lti.deep_linking import Period as WirePeriod
from reflect.lti.messages import DeepLinkingSettings
from reflect.storage.services import columns_in
from reflect.storage.sessions import DeepLink
from reflect.web.arrivals import CHECKIN
from reflect.web.cards import card
from reflect.web.field_errors import sentences
from reflect.web.forms import pairs_of
from reflect.web.gradebooks import column_of
from reflect.web.house import House, house_of
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.pages import language_of, path_of, render
from reflect.web.platforms import Counterpart, counterpart
from reflect.web.protection import origins
from reflect.web.sessions import visit


@dataclass(frozen=True, slots=True)
class _Placed:
    """What was chosen, by whom it is answered for, and for which check-ins a gradebook column comes along."""

    wish: DeepLink
    choice: Choice
    platform: Counterpart
    columns: frozenset[int]


async def new(request: Request) -> Response:
    """The picker: check-ins of the course, the course's home, or a new check-in."""
    return await _picker(request, [request.query_params.get("chosen", HOME)], {}, {})


async def create(request: Request) -> Response:
    """Send the choice back to the platform; without one, the dialog just closes.

    What was only prepared opens with it. Dates that cannot be right bring the picker back as it was filled in.
    """
    house, pairs = house_of(request), await pairs_of(request)
    now, fields = house.now(), {name: value for name, value in pairs if name != "chosen"}
    chosen = [value for name, value in pairs if name == "chosen"]
    try:
        periods = Periods.read(fields)
    except FormRefused as refusal:
        return await _picker(request, chosen, fields, refusal.errors)

    def work(db: Session, viewer: Viewer) -> _Placed:
        choice = deep_links.choose(db, viewer, chosen, fields.get("gives_mark") == "yes")
        platform = counterpart(db, house, viewer.course_id)
        if platform is None:
            raise Refused("registration_off")
        deep_links.place(db, viewer, choice, periods.available, house.settings.min_group_size, now)
        marked = [row.id for row in choice.checkins] if choice.wants_mark else []
        columns = gradebooks.ask_for_columns(db, marked, now)
        return _Placed(deep_links.of(db, viewer), choice, platform, columns)

    viewer, placed = await visit(request, work, writes=True)
    tag = language_of(request, viewer)
    notes = _notes(placed, tag)
    return render(
        request,
        "deep_links/reply.html",
        viewer=viewer,
        form_targets=origins([placed.wish.return_url]),
        return_url=placed.wish.return_url,
        token=_signed(placed, _items(house, request, placed, periods, tag), " ".join(notes) or None, now),
        notes=notes,
    )


async def _picker(
    request: Request, chosen: Sequence[str], fields: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    def work(db: Session, viewer: Viewer) -> tuple[DeepLink, Any, frozenset[int]]:
        wish = deep_links.of(db, viewer)
        return wish, checkins.of_course(db, viewer), columns_in(db, viewer.course_id)

    viewer, (wish, rows, columns) = await visit(request, work)
    tag = language_of(request, viewer)
    return render(
        request,
        "deep_links/new.html",
        viewer=viewer,
        status=422 if errors else 200,
        headers={"Reflect-Error": next(iter(errors.values()))} if errors else None,
        checkins=[card(row, tag) for row in rows if row.closed_at is None],
        columns=columns,
        accepts_multiple=wish.accept_multiple,
        accepts_mark=wish.accept_lineitem is not False,
        chosen=chosen,
        form={"gives_mark": "", "zone": "UTC", **dict.fromkeys(FIELDS, ""), **fields},
        has_dates=any(fields.get(name) for name in FIELDS),
        errors=sentences(errors, tag),
    )


def _notes(placed: _Placed, tag: str) -> list[str]:
    """What a teacher should know of the choice: one check-in fills one column, however often it is placed."""
    if not placed.choice.wants_mark:
        return []
    sentence = language(tag).gettext(_("“%(question)s” has a column in the gradebook already and gets no second one."))
    known = (row for row in placed.choice.checkins if row.id not in placed.columns)
    return [sentence % {"question": language(tag).isolated(card(row, tag).question)} for row in known]


def _items(house: House, request: Request, placed: _Placed, periods: Periods, tag: str) -> list[LinkItem]:
    """The choice as content items; all lead to the one tool address, and a custom value says which check-in."""
    url = house.settings.base_url + path_of(request.app, "app")
    available, submission = _on_wire(periods.available), _on_wire(periods.submission)
    links = [
        LinkItem(
            url=url,
            title=shown.question,
            custom={CHECKIN: str(shown.id)},
            line_item=column_of(shown.id, shown.question) if shown.id in placed.columns else None,
            available=available,
            submission=submission,
        )
        for shown in (card(row, tag) for row in placed.choice.checkins)
    ]
    # There is nothing to hand in at the home of a course.
    home = LinkItem(url=url, title=language(tag).gettext("Check-ins"), available=available)
    return [*links, home] if placed.choice.wants_home else links


def _on_wire(period: Period | None) -> WirePeriod | None:
    return WirePeriod(period.starts_at, period.ends_at) if period else None


def _signed(placed: _Placed, items: list[LinkItem], message: str | None, now: datetime) -> str:
    wish, platform = placed.wish, placed.platform
    settings = DeepLinkingSettings(
        return_url=wish.return_url,
        accept_types=tuple(wish.accept_types.split()),
        accept_targets=(),
        accept_multiple=wish.accept_multiple,
        accept_lineitem=wish.accept_lineitem,
        auto_create=False,
        title=None,
        text=None,
        data=wish.data,
    )
    return deep_linking.response(
        settings,
        items,
        platform=platform.platform,
        deployment_id=platform.deployment_id,
        pair=platform.pair,
        now=now,
        message=message,
    )
