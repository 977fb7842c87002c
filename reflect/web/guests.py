"""The public page of a check-in that is open to guests: no account, no session, nothing kept of whoever answers.

A cookie, the same for everybody who answered this check-in, is all that stops a second answer; the page says so.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from reflect import meters
from reflect.domain import answers, forms, guests, revisions
from reflect.domain.guest_codes import read_code
from reflect.domain.privacy import receipt
from reflect.domain.privacy.sealing import Content
from reflect.domain.rates import GUESTS_OF_CODE, GUESTS_OF_NETWORK, WRONG_CODES
from reflect.domain.refusals import Missing, Refused
from reflect.storage.commits import number_of
from reflect.storage.outages import DatabaseAway, Unsure
from reflect.web.answers import REVISION, content_of, still_typed
from reflect.web.cards import card
from reflect.web.choices import NOTHING, choices
from reflect.web.cookies import set_cookie
from reflect.web.errors import refuse
from reflect.web.forms import fields_of
from reflect.web.house import House, house_of
from reflect.web.language import language
from reflect.web.networks import network_of
from reflect.web.outages import fate
from reflect.web.pages import address, language_of, lead_to, render
from reflect.web.receipts import guest_receipt_sentences
from reflect.web.refusals import ANSWER_FAULTS, WORDINGS

COOKIE = "__Host-reflect-answered-"
GIVEN = "given"
REMEMBERED_FOR = 180 * 24 * 60 * 60
"""Seconds; a check-in that is open to guests for longer may be answered again."""
ALONE = "'none'"
"""The page stands in a tab of its own; a frame could hide whose page it is."""


async def show(request: Request) -> Response:
    """The question with its receipt; thanks where this browser has answered already."""
    code, checkin = await _invited(request)
    if _has_answered(request, code):
        return _thanks(request, code, checkin, is_again=True)
    return _question(request, code, checkin)


async def create(request: Request) -> Response:
    """Keep an answer, and let the browser remember that it gave one."""
    house, fields = house_of(request), await fields_of(request)
    code, checkin = await _invited(request)
    mark = _mark(house, code)
    thanks = lead_to(request, f"{address(request, 'guests.thanks', code=code)}?{GIVEN}={mark}")
    if _has_answered(request, code):
        return thanks
    # Counted before: of many who come at once, each would find something left.
    for limit, key in ((GUESTS_OF_NETWORK, network_of(request)), (GUESTS_OF_CODE, code)):
        await house.rates.take(house.now(), limit, key)
    content, revision = content_of(fields), revisions.read(fields.get(REVISION, ""))
    numbers = [""]

    def answer(db: Session) -> None:
        numbers.append(number_of(db))
        guests.answer(db, code, content, house.sealer, revision)

    try:
        await house.database.write(answer, order=checkin.id)
    except Refused as refusal:
        if refusal.code not in ANSWER_FAULTS:
            raise
        checkin = await house.database.look_up(_known(code))
        return _question(request, code, checkin, still_typed(content, refusal.code), refusal.code)
    except Unsure:
        # What may have been kept may not be sent again: an answer without a name cannot be told from a second one
        # of the same guest, who would then be two of the k behind whom everybody is safe. Better that one is lost.
        is_kept = await fate(house.database, numbers[-1])
        if is_kept is None:
            meters.DATABASE_FAULT.inc()
            return _remembered(request, code, refuse(request, "guests_unsure"))
        if not is_kept:
            raise DatabaseAway from None
    return _remembered(request, code, thanks)


def _remembered(request: Request, code: str, response: Response) -> Response:
    mark = _mark(house_of(request), code)
    set_cookie(response, COOKIE + code, mark, REMEMBERED_FOR, partitioned=False, same_site="Lax")
    return response


async def thanks(request: Request) -> Response:
    """Where an answer leads; also for browsers that keep no cookie, which bring the mark in the address. They must not
    be asked again. From all others the mark is taken off, so that the address thanks nobody it is passed on to."""
    code, checkin = await _found(request, guests.known)
    given = request.query_params.get(GIVEN, "")
    if _has_answered(request, code):
        return (
            lead_to(request, address(request, "guests.thanks", code=code)) if given else _thanks(request, code, checkin)
        )
    if _is_mark(request, code, given):
        return _thanks(request, code, checkin)
    return lead_to(request, address(request, "guests.show", code=code))


async def _invited(request: Request) -> tuple[str, Any]:
    """The code and the check-in that may be answered by it. Raises what `_found` and `guests.invited` raise."""
    try:
        return await _found(request, guests.invited)
    except Refused as refusal:
        code = read_code(request.path_params["code"])
        if refusal.code != "guests_full" or not _has_answered(request, code):
            raise
        return code, await house_of(request).database.look_up(_known(code))


async def _found(request: Request, find: Callable[[Session, str], Any]) -> tuple[str, Any]:
    """The code of the address, and what is found by it. Raises what `find` raises, and 429 for a network that tried
    too many codes: every address with a code tells whether it is one."""
    house, network = house_of(request), network_of(request)
    try:
        code = read_code(request.path_params["code"])
        if not _has_answered(request, code):
            await house.rates.must_be_left(house.now(), WRONG_CODES, network)
        return code, await house.database.look_up(lambda db: find(db, code))
    except Missing:
        await house.rates.take(house.now(), WRONG_CODES, network)
        raise


def _known(code: str) -> Callable[[Session], Any]:
    return lambda db: guests.known(db, code)


def _mark(house: House, code: str) -> str:
    """Says that a browser answered here: signed, and the same in every browser, so that it tells nobody apart."""
    return urlsafe_b64encode(hmac.digest(house.keyring.key_for("guest marks"), code.encode(), "sha256")).decode()


def _has_answered(request: Request, code: str) -> bool:
    return _is_mark(request, code, request.cookies.get(COOKIE + code, ""))


def _is_mark(request: Request, code: str, shown: str) -> bool:
    return hmac.compare_digest(shown.encode(), _mark(house_of(request), code).encode())


def _question(request: Request, code: str, checkin: Any, typed: Content | None = None, fault: str = "") -> Response:
    tag, settings = language_of(request), house_of(request).settings
    promises = receipt.Receipt(
        is_anonymous=True,
        readers=(),
        release=checkin.release,
        min_group_size=checkin.min_group_size,
        shared_with_class=bool(checkin.shared_with_class),
        retention_days=settings.retention_days,
        asks_note=bool(checkin.asks_note),
        offers_word=forms.of(checkin).offers_other_word,
    )
    return render(
        request,
        "guests/show.html",
        status=WORDINGS[fault].status if fault else 200,
        headers={"Reflect-Error": fault} if fault else None,
        ancestors=ALONE,
        checkin=card(checkin, tag),
        code=code,
        receipt=guest_receipt_sentences(promises, tag),
        choices=choices(checkin, tag, typed or NOTHING, has_fault=bool(fault)),
        typed=typed or NOTHING,
        longest_note=answers.LONGEST_NOTE,
        error=language(tag).gettext(WORDINGS[fault].sentence) if fault else "",
    )


def _thanks(request: Request, code: str, checkin: Any, *, is_again: bool = False) -> Response:
    shown = card(checkin, language_of(request))
    return render(request, "guests/thanks.html", ancestors=ALONE, checkin=shown, code=code, is_again=is_again)
