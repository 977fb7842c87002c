"""A course's insights as templates show them, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date, format_interval, format_skeleton

from reflect.domain import forms
from reflect.domain.insights.courses import Insights, Measure, Newest, Part
from reflect.domain.insights.feelings import Band, band_of
from reflect.domain.insights.pictures import Picture, Turnout
from reflect.domain.insights.spans import Span, Step
from reflect.domain.insights.threads import Thread
from reflect.domain.insights.usual import Change, Comparison
from reflect.web.cards import question_of
from reflect.web.charts import HEIGHT, bars, height_of, line
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.months import months
from reflect.web.options import OptionCard, option_card

CHANGES = {
    Change.MORE: _("More pleasant than usual"),
    Change.LESS: _("Less pleasant than usual"),
    Change.USUAL: _("About as usual"),
    Change.TOO_FEW: _("Too few answers to tell"),
}
MOODS = {
    Band.PLEASANT: _("pleasant"),
    Band.BETWEEN: _("in between"),
    Band.UNPLEASANT: _("unpleasant"),
}
TOO_FEW = _("too few to tell")
MOST_BARS = 10
"""Different answers that are listed; the rest is counted."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an option's card needs to know of a check-in."""

    form: str
    labels: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Felt:
    """One choice with how often it was made, and its share (0 to 1) of the answers with a feeling."""

    option: OptionCard
    count: int
    share: float


def felt(picture: Picture, tag: str) -> list[Felt]:
    """The choices of a picture, the most frequent first; a feeling that two forms offer is one."""
    cards: dict[str, OptionCard] = {}
    counts: dict[str, int] = {}
    for (form, choice), count in picture.choices.items():
        cards.setdefault(choice, option_card(_Asked(form), choice, tag))
        counts[choice] = counts.get(choice, 0) + count
    total = sum(counts.values())
    order = sorted(counts, key=lambda choice: (-counts[choice], choice))
    return [Felt(cards[choice], counts[choice], counts[choice] / total) for choice in order]


def picture_card(picture: Picture, tag: str) -> dict[str, Any]:
    """A picture: the choices, how many are not listed, the bands, and how many named no feeling."""
    chosen = felt(picture, tag)
    bands = picture.mood.bands if picture.mood else dict.fromkeys(Band, 0)
    return {
        "felt": chosen,
        "bars": chosen[:MOST_BARS],
        "others": sum(one.count for one in chosen[MOST_BARS:]),
        "answers": picture.answers,
        "placed": picture.mood.answers if picture.mood else 0,
        "unplaced": picture.unplaced,
        "bands": [
            {"key": band.value, "word": language(tag).gettext(word), "count": bands[band]}
            for band, word in MOODS.items()
        ],
    }


def comparison_card(found: Comparison, tag: str) -> dict[str, Any]:
    """How something is against its usual, with the numbers of answers on both sides."""
    return {
        "key": found.change.value,
        "words": language(tag).gettext(CHANGES[found.change]),
        "now": found.now.answers if found.now else 0,
        "usual": found.usual.answers if found.usual else 0,
    }


def turnout_card(turnout: Turnout) -> dict[str, int]:
    """How many took part."""
    return {"checkins": turnout.checkins, "answered": turnout.answered, "expected": turnout.expected}


def strip(parts: Sequence[Part], height: float = HEIGHT) -> dict[str, Any]:
    """The bars of a stretch of time, in a box of that height."""
    return {
        "bars": bars(
            [
                tuple(part.picture.mood.bands[band] for band in Band) if part.picture.mood else (0, 0, 0)  # type: ignore[misc]
                for part in parts
            ],
            height,
        ),
        "height": height,
        "answers": sum(part.picture.answers for part in parts),
    }


def insights_card(found: Insights, step: Step, k: int, tag: str) -> dict[str, Any]:
    """All of the page."""
    usual = found.newest.comparison.usual if found.newest else None
    values = [part.picture.mood.pleasantness if part.picture.mood else None for part in found.parts]
    enough = [part.picture.mood is not None and part.picture.mood.answers >= k for part in found.parts]
    return {
        "first": _day(found.span.first, tag),
        "last": _day(found.span.last, tag),
        "zone": found.zone,
        "picture": picture_card(found.picture, tag),
        "newest": _newest(found.newest, step, tag) if found.newest else None,
        "turnout": turnout_card(found.turnout),
        "line": line(values, enough),
        "usual": height_of(usual.mean) if usual and usual.answers >= 2 * k else None,
        **strip(found.parts),
        "parts": [_part(part, step, k, tag) for part in found.parts if part.picture.answers or part.turnout.answered],
        "months": _months(found, k, tag),
        "changes": [
            {"question": thread_words(thread, tag), "about": thread.key, **_newest(newest, step, tag)}
            for thread, newest in found.changes
        ],
        "measures": [_measure(measure, step, tag) for measure in found.measures],
        "left_out": found.left_out,
        "manner": found.threads[0].newest.manner if found.threads else "character",
    }


def thread_words(thread: Thread, tag: str) -> str:
    """What a thread asks, and whether it is a series: the same may be asked by a rule and now and then."""
    words = question_of(thread.newest.question_key, thread.newest.question, tag)
    spoken = language(tag)
    series = spoken.gettext(_("%(question)s (series)"))
    return series % {"question": spoken.isolated(words)} if thread.is_series else words


def _newest(newest: Newest, step: Step, tag: str) -> dict[str, Any]:
    return {
        "when": span_words(newest.span, step, tag),
        "turnout": turnout_card(newest.turnout),
        "before": turnout_card(newest.turnout_before),
        **comparison_card(newest.comparison, tag),
    }


def _part(part: Part, step: Step, k: int, tag: str) -> dict[str, Any]:
    return {
        "when": span_words(part.span, step, tag),
        "mood": mood_words(part.picture, k, tag),
        **picture_card(part.picture, tag),
        "turnout": turnout_card(part.turnout),
    }


def mood_words(picture: Picture, k: int, tag: str) -> str:
    """How pleasant, in a word; of fewer answers than k only that they are too few, and nothing where there are none."""
    if picture.mood is None:
        return ""
    is_enough = picture.mood.answers >= k
    return language(tag).gettext(MOODS[band_of(picture.mood.pleasantness)] if is_enough else TOO_FEW)


def span_words(span: Span, step: Step, tag: str) -> str:
    """A day, week or month, as short as it can be said."""
    name = language(tag).cldr
    if step == Step.MONTH:
        return format_skeleton("yMMMM", span.first, locale=name)
    if step == Step.DAY or span.first == span.last:
        return format_skeleton("MMMEd", span.first, locale=name)
    return format_interval(span.first, span.last, "MMMd", locale=name)


def _day(day: date, tag: str) -> str:
    return format_date(day, "long", locale=language(tag).cldr)


def _months(found: Insights, k: int, tag: str) -> list[Any]:
    """The calendar of the span, oldest month first: for each day its band, or `few`, and the words for it."""
    entries = [(day, _square(picture, k, tag)) for day, picture in found.days.items() if picture.answers]
    return months(entries, language(tag).cldr, found.span.days)[::-1]


def _square(picture: Picture, k: int, tag: str) -> dict[str, Any]:
    is_enough = picture.mood is not None and picture.mood.answers >= k
    band = band_of(picture.mood.pleasantness).value if picture.mood and is_enough else "few"
    return {"band": band, "answers": picture.answers, "mood": mood_words(picture, k, tag)}


def _measure(measure: Measure, step: Step, tag: str) -> dict[str, Any]:
    """A table: the options across, the times down, how often each was chosen."""
    form = forms.of(measure.newest)
    keys = [option.key for option in form.offered(measure.newest.labels)]
    met = {key for _, row in measure.rows for key, count in row.items() if count}
    if not form.is_ordered and measure.newest.labels is None:
        keys = [key for key in keys if key in met]
    keys += [forms.SKIP] if forms.SKIP in met else []
    rows = [_row(span, row, keys, step, tag) for span, row in measure.rows]
    return {
        "kind": form.kind.value,
        "form": measure.newest.form,
        "question": thread_words(measure.thread, tag) if measure.thread else "",
        "options": [option_card(measure.newest, key, tag) for key in keys],
        "rows": rows,
        "has_unsaid": any(row["unsaid"] for row in rows),
        "most": max((row.get(key, 0) for _, row in measure.rows for key in keys), default=0),
    }


def _row(span: Span, row: Mapping[str, int], keys: Sequence[str], step: Step, tag: str) -> dict[str, Any]:
    counts = [row.get(key, 0) for key in keys]
    return {"when": span_words(span, step, tag), "counts": counts, "unsaid": sum(row.values()) - sum(counts)}
