"""The platform's content dialog: pick or make a check-in, and answer with a signed form (Deep Linking 2.0)."""

from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import checkins, deep_links, gradebooks
from reflect.domain.deep_links import Choice
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.lti import deep_linking
from reflect.lti.deep_linking import LinkItem
from reflect.lti.messages import DeepLinkingSettings
from reflect.storage.sessions import DeepLink
from reflect.web.arrivals import CHECKIN
from reflect.web.cards import CheckinCard, card
from reflect.web.forms import pairs_of
from reflect.web.gradebooks import column_of
from reflect.web.house import House, house_of
from reflect.web.language import language
from reflect.web.pages import language_of, path_of, render
from reflect.web.platforms import Counterpart, counterpart
from reflect.web.protection import origins
from reflect.web.sessions import visit


async def new(request: Request) -> Response:
    """The picker: check-ins of the course, the course's home, or a new check-in."""

    def work(db: Session, viewer: Viewer) -> tuple[DeepLink, Any]:
        return deep_links.of(db, viewer), checkins.of_course(db, viewer)

    viewer, (wish, rows) = await visit(request, work)
    tag = language_of(request, viewer)
    return render(
        request,
        "deep_links/new.html",
        viewer=viewer,
        checkins=[card(row, tag) for row in rows if row.closed_at is None],
        accepts_multiple=wish.accept_multiple,
        accepts_mark=wish.accept_lineitem is not False,
        chosen=request.query_params.get("chosen", ""),
    )


async def create(request: Request) -> Response:
    """Send the choice back to the platform; without one, the dialog just closes."""
    house, pairs = house_of(request), await pairs_of(request)
    now = house.now()
    chosen = [value for name, value in pairs if name == "chosen"]
    wants_mark = ("gives_mark", "yes") in pairs

    def work(db: Session, viewer: Viewer) -> tuple[DeepLink, Choice, Counterpart]:
        choice = deep_links.choose(db, viewer, chosen, wants_mark)
        platform = counterpart(db, house, viewer.course_id)
        if platform is None:
            raise Refused("registration_off")
        if choice.wants_mark:
            gradebooks.begin_marking(db, [row.id for row in choice.checkins], now)
        return deep_links.of(db, viewer), choice, platform

    viewer, (wish, choice, platform) = await visit(request, work, writes=True)
    tag = language_of(request, viewer)
    cards = [card(row, tag) for row in choice.checkins]
    items = _items(house, request, cards, choice, tag)
    return render(
        request,
        "deep_links/reply.html",
        viewer=viewer,
        form_targets=origins([wish.return_url]),
        return_url=wish.return_url,
        token=_signed(wish, items, platform, now),
    )


def _items(house: House, request: Request, cards: list[CheckinCard], choice: Choice, tag: str) -> list[LinkItem]:
    """The choice as content items; all lead to the one tool address, and a custom value says which check-in."""
    url = house.settings.base_url + path_of(request.app, "app")
    links = [
        LinkItem(
            url=url,
            title=shown.question,
            custom={CHECKIN: str(shown.id)},
            line_item=column_of(shown.id, shown.question) if choice.wants_mark else None,
        )
        for shown in cards
    ]
    home = [LinkItem(url=url, title=language(tag).gettext("Check-ins"))] if choice.wants_home else []
    return links + home


def _signed(wish: DeepLink, items: list[LinkItem], platform: Counterpart, now: datetime) -> str:
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
    )
