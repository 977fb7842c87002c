"""`/styleguide`, which only `reflect demo` serves: every token and component, of the app's own templates and sheets.

It has no words of its own: a part is headed by its noun, and what it shows are texts of the app.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reflect.domain.emotions import EMOTIONS, vocabulary
from reflect.domain.privacy.receipt import Receipt
from reflect.domain.questions import QUESTIONS
from reflect.files import STATIC
from reflect.web import charts
from reflect.web.cards import CheckinCard
from reflect.web.field_errors import FIELD_ERRORS
from reflect.web.insight_cards import MOODS
from reflect.web.language import language
from reflect.web.options import OptionCard, besides, grid_names, option_cards
from reflect.web.pages import language_of, render
from reflect.web.receipts import receipt_sentences, receipt_title

_NOW = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)
_RECEIPT = Receipt(
    is_anonymous=True,
    readers=(),
    release="in_steps",
    min_group_size=5,
    shared_with_class=True,
    retention_days=365,
    asks_note=True,
    weekly_totals_from=10,
)
_PART = re.compile(r"--([\w-]+):\s*([^;]+);")


@dataclass(frozen=True, slots=True)
class Colour:
    """A token with its value in the light and in the dark."""

    name: str
    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of `tokens.css`: colours, and the names of sizes of type and of spaces."""

    colours: tuple[Colour, ...]
    sizes: tuple[str, ...]
    spaces: tuple[str, ...]


@cache
def tokens() -> Tokens:
    """What the sheet says, read once."""
    sheet = (STATIC / "css" / "tokens.css").read_text()
    day, _, rest = sheet.partition("@media screen and (prefers-color-scheme: dark)")
    light = dict(_PART.findall(day))
    dark = light | dict(_PART.findall(rest.partition("@supports not")[0]))
    return Tokens(
        colours=tuple(
            Colour(name, value, _value(name, dark))
            for name in light
            if (value := _value(name, light)).startswith("oklch")
        ),
        sizes=tuple(name for name in light if name.startswith("size-")),
        spaces=tuple(name for name in light if name.startswith(("gap", "gutter", "target"))),
    )


def _value(name: str, known: dict[str, str]) -> str:
    value = known[name].strip()
    return _value(value[6:-1], known) if value.startswith("var(--") else value


async def show(request: Request) -> Response:
    """Every token, and every component in all its states."""
    tag = language_of(request)
    checkins = _checkins(tag)
    return render(
        request,
        "styleguide/show.html",
        tokens=tokens(),
        manners=("character", "plain"),
        emotions=tuple(EMOTIONS.values()),
        checkins=checkins,
        checkin=checkins[2],
        receipt_title=receipt_title(_RECEIPT, tag),
        receipt=receipt_sentences(_RECEIPT, tag),
        totals=_totals(tag),
        fewest=_results(tag, "words_core", ()),
        bars=charts.bars([(5, 2, 1), (3, 3, 4), (0, 0, 0), (6, 1, 1)]),
        line=charts.line([0.1, 0.4, None, -0.3, 0.2, 0.5], [True, True, False, True, False, True]),
        usual=charts.height_of(0.15),
        pickers=[_picker(tag, form) for form in ("faces", "words_core", "energy", "grid", "scale")],
        faults={"question": _fault(tag)},
        bands=[{"key": band.value, "word": language(tag).gettext(word)} for band, word in MOODS.items()],
        states=("well", "waiting", "refused", "off"),
        moment=_NOW,
    )


def _checkins(tag: str) -> list[CheckinCard]:
    """Cards: one that waits for its time, one that is open, one of groups that is anonymous, and one that is over."""
    words = [question.text(tag) for question in list(QUESTIONS.values())[:4]]
    later = _NOW + timedelta(days=1)
    return [
        _card(1, words[0], is_prepared=True, is_open=False, opens_at=later, opened_at=None),
        _card(2, words[1], answered=18, expected=24, closes_at=later),
        _card(3, words[2], is_anonymous=True, answered=7, expected=12, guests=3, groups="7b"),
        _card(4, words[3], is_open=False, closed_at=later, answered=23, expected=24, is_imported=True),
    ]


def _card(number: int, question: str, **states: Any) -> CheckinCard:
    usual = {
        "is_anonymous": False,
        "is_prepared": False,
        "is_open": True,
        "opens_at": None,
        "opened_at": _NOW,
        "closed_at": None,
        "release": "in_steps",
        "shared_with_class": True,
    }
    return CheckinCard(id=number, question=question, **{**usual, **states})


def _form(key: str) -> Any:
    """A check-in of this form, as much of it as its templates ask for."""
    kinds = {"words_core": "words"}
    return SimpleNamespace(
        form=key, kind=kinds.get(key, key), labels=None, manner="character", simple_words=key == "faces", is_open=True
    )


def _results(tag: str, form: str, counts: tuple[int, ...]) -> SimpleNamespace:
    """A result with these counts, one for each choice of the form."""
    checkin = _form(form)
    options: list[OptionCard] = option_cards(checkin, tag)
    bars = [
        SimpleNamespace(option=option, count=count, share=count / max(1, sum(counts)))
        for option, count in zip(options, counts, strict=False)
    ]
    return SimpleNamespace(
        checkin=checkin,
        bars=bars,
        grid=grid_names(tag),
        whose=f"{form}-",
        answered=sum(counts),
        shown=sum(counts),
        unsaid=1 if counts else 0,
        withheld=0,
        waiting="",
        is_nearly_everyone=False,
    )


def _totals(tag: str) -> list[SimpleNamespace]:
    core = len(vocabulary("core"))
    return [
        _results(tag, "words_core", tuple((7 * place) % 9 for place in range(core))),
        _results(tag, "faces", (1, 2, 5, 9, 4)),
        _results(tag, "grid", tuple(place % 6 for place in range(25))),
    ]


def _picker(tag: str, form: str) -> SimpleNamespace:
    checkin = _form(form)
    options = option_cards(checkin, tag)
    chosen = options[len(options) // 2].key
    return SimpleNamespace(
        checkin=checkin,
        options=options,
        # once on the page, for they are the same everywhere
        besides=besides(checkin, tag) if form == "words_core" else [],
        typed=SimpleNamespace(choice=chosen, word=""),
        grid=grid_names(tag),
    )


ROUTES: list[BaseRoute] = [Route("/styleguide", show, name="styleguide.show")]


def _fault(tag: str) -> str:
    sentence = FIELD_ERRORS["question_missing"]
    return language(tag).gettext(sentence)
