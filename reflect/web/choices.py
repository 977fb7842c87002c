"""What can be chosen at a check-in, as a part of a page: half of a student's page, and the same for everybody."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from reflect.domain import forms
from reflect.domain.answers import LONGEST_WORD
from reflect.domain.privacy.sealing import Content
from reflect.web.compression import Shared
from reflect.web.options import besides, grid_names, option_cards
from reflect.web.pages import environment

NOTHING = Content("")
"""Chosen and typed."""
MOST_KEPT = 64
"""Parts of up to 300 kB each: some forms and manners in some languages."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """All of a check-in that its choices depend on; so what is kept of them can hold nothing else."""

    form: str
    labels: tuple[str, ...] | None
    manner: str
    simple_words: bool

    @property
    def kind(self) -> str:
        return str(forms.of(self).kind.value)


def choices(checkin: Any, tag: str, typed: Content = NOTHING, *, has_fault: bool = False) -> Markup | Shared:
    """The choices of a check-in in a language, with what was chosen and typed before; `has_fault` if that did not do.

    They are rendered once, unless the teacher wrote them, or somebody has chosen or typed something.
    """
    offer = _Offer(
        checkin.form,
        None if checkin.labels is None else tuple(checkin.labels),
        checkin.manner,
        bool(checkin.simple_words),
    )
    is_anybodys = offer.labels is None and not (typed.choice or typed.word or has_fault)
    return _untouched(offer, tag) if is_anybodys else _rendered(offer, tag, typed, has_fault)


@lru_cache(MOST_KEPT)
def _untouched(offer: _Offer, tag: str) -> Shared:
    return Shared.of(_rendered(offer, tag, NOTHING, has_fault=False))


def _rendered(offer: _Offer, tag: str, typed: Content, has_fault: bool) -> Markup:
    template = environment(tag).get_template("answers/_choices.html")
    part = template.render(
        checkin=offer,
        options=option_cards(offer, tag),
        besides=besides(offer, tag),
        grid=grid_names(tag),
        typed=typed,
        error=has_fault,
        longest_word=LONGEST_WORD,
    )
    return Markup(part)  # noqa: S704 - the template has escaped what is in it
