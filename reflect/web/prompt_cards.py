"""Reasons to ask a student how they are, in plain words, and the list of them as templates show it."""

from collections.abc import Iterable, Mapping
from typing import Any

from babel.numbers import format_decimal

from reflect.domain.insights.reasons import Kind, Reason
from reflect.domain.prompts import Asking, Listed, Settled
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.talk_cards import closed_words
from reflect.web.wordings import person_name

RULES = {
    Kind.UNPLEASANT: _("Several unpleasant answers"),
    Kind.LOWER: _("Lower than their own usual"),
    Kind.SILENT: _("No answer for a while"),
}
SETTLED = {
    "seen": _("Set aside"),
    "handed_over": _("Handed over to %(name)s"),
}
GONE = _("somebody who is not here any more")


def reason_words(reason: Reason, tag: str) -> str:
    """A reason with its numbers."""
    spoken = language(tag)
    ngettext = spoken.translations.ngettext
    numbers = {name: format_decimal(getattr(reason, name), locale=spoken.cldr) for name in ("count", "span")}
    if reason.kind == Kind.UNPLEASANT:
        words = ngettext(
            "%(count)s of the last %(span)s answers with a name was unpleasant.",
            "%(count)s of the last %(span)s answers with a name were unpleasant.",
            reason.count,
        )
    elif reason.kind == Kind.LOWER:
        words = ngettext(
            "The last %(span)s answers were on average %(count)s face or more below their own usual, of the five "
            "faces from very bad to very good.",
            "The last %(span)s answers were on average %(count)s faces or more below their own usual, of the five "
            "faces from very bad to very good.",
            reason.count,
        )
    else:
        words = ngettext(
            "No answer in the last week that had a check-in with names.",
            "No answer in the last %(count)s weeks that had a check-in with names.",
            reason.count,
        )
    return words % numbers


def list_card(found: Listed, names: Mapping[int, str], tag: str) -> dict[str, Any]:
    """An adult's whole list; `names` are those of the course's adults, by id."""
    return {
        "asking": [_asking(it, names, tag) for it in found.asking],
        "set_aside": [_settled(it, names, tag) for it in found.set_aside],
        "closed": [_settled(it, names, tag) for it in found.closed],
        "due": [
            {
                "id": row.id,
                "student_id": row.student_id,
                "student": person_name(row.name, row.sub, "learner", tag),
                "words": row.words,
                "back_on": row.back_on,
            }
            for row in found.due
        ],
        "is_any_on": any(rule.is_on for rule in found.rules),
    }


def _asking(it: Asking, names: Mapping[int, str], tag: str) -> dict[str, Any]:
    handed = it.handed
    return {
        "id": it.student.id,
        "name": person_name(it.student.name, it.student.sub, "learner", tag),
        "reasons": _reasons(it.reasons, tag),
        "handed": handed
        and {"by": _name(handed.by_id, names, tag), "at": handed.at, "reasons": _reasons(handed.reasons, tag)},
    }


def _reasons(reasons: Iterable[Reason], tag: str) -> list[dict[str, str]]:
    say = language(tag).gettext
    return [{"words": reason_words(it, tag), "rule": say(RULES[it.kind])} for it in reasons]


def _settled(it: Settled, names: Mapping[int, str], tag: str) -> dict[str, Any]:
    way = it.kept.settled_as
    words = closed_words(tag) if way == "closed" else language(tag).gettext(SETTLED[way])
    return {
        "id": it.student.id,
        "name": person_name(it.student.name, it.student.sub, "learner", tag),
        "words": words % {"name": language(tag).isolated(_name(it.kept.handed_to_id, names, tag))},
        "at": it.kept.settled_at,
        "is_standing": it.is_standing,
    }


def _name(person_id: int | None, names: Mapping[int, str], tag: str) -> str:
    return names.get(person_id or 0) or language(tag).gettext(GONE)
