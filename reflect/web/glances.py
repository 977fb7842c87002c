"""A class at a glance as the course's home shows it, in the reader's language."""

from typing import Any

from reflect.domain.insights.glances import Glance
from reflect.domain.insights.spans import Step
from reflect.web.calendars import day_words
from reflect.web.cards import question_of
from reflect.web.insight_cards import comparison_card, picture_card, span_words, strip, turnout_card
from reflect.web.language import language
from reflect.web.language import marked as _

STRIP = 130
"""How high the strip's box is, where a chart's is `charts.HEIGHT`."""


def glance_card(found: Glance, tag: str) -> dict[str, Any]:
    """The newest day with answers, and the strip of the weeks up to now."""
    return {
        "when": language(tag).gettext(_("Today")) if found.is_today else day_words(found.day, tag),
        "picture": picture_card(found.picture, tag),
        "comparison": comparison_card(found.comparison, tag),
        "turnout": turnout_card(found.turnout),
        "checkins": [
            {
                "id": row.id,
                "question": question_of(row.question_key, row.question, tag),
                "is_anonymous": bool(row.is_anonymous),
                **turnout_card(found.turnouts[row.id]),
            }
            for row in found.checkins
        ],
        "waiting": found.waiting,
        "manner": found.checkins[0].manner if found.checkins else "character",
        "strip": strip(found.weeks, STRIP),
        "leaves_out": found.leaves_out,
        "weeks": [
            {"when": span_words(part.span, Step.WEEK, tag), **picture_card(part.picture, tag)} for part in found.weeks
        ],
    }
