"""A student's wish to talk as the templates show it: people by name, acts as sentences."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_date, format_time, get_timezone_location

from reflect.domain.support import Presence
from reflect.domain.talk_acts import Act, Named, Told
from reflect.storage.support import CrisisLine
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.wordings import person_name

ACTS = {
    "opened": _("%(name)s opened it"),
    "seen": _("%(name)s says: I have seen it"),
    "handed_over": _("%(name)s handed it over to %(to)s"),
    "closed": _("%(name)s closed it"),
}
STATES = {"sent": _("Sent, not seen yet"), "seen": _("Seen")}


def closed_words(tag: str) -> str:
    """What is said of a talk that is over; a check-in that closed has a word of its own in some languages."""
    return language(tag).translations.pgettext("talk", "Closed")


def name_of(person: Named, tag: str) -> str:
    """A person by name; one who has been erased as somebody."""
    if not person.sub:
        return language(tag).gettext(_("somebody who is not here any more"))
    return person_name(person.name, person.sub, person.role, tag)


def state_of(talk: Any) -> str:
    """`sent`, `seen` or `closed`."""
    return "closed" if talk.closed_at else "seen" if talk.seen_at else "sent"


def talk_card(told: Told, tag: str) -> dict[str, Any]:
    """A talk with all that its student and the adults it is for may see."""
    talk, state = told.talk, state_of(told.talk)
    return {
        "id": talk.id,
        "student": name_of(told.student, tag),
        "adult": name_of(told.adult, tag) if told.adult else "",
        "message": talk.message,
        "is_for_today": talk.is_for_today,
        "sent_at": talk.sent_at,
        "state": state,
        "state_words": closed_words(tag) if state == "closed" else language(tag).gettext(STATES[state]),
        "may_withdraw": state == "sent" or told.is_stranded,
        "is_stranded": told.is_stranded,
        "word": talk.word,
        "acts": [{"words": _act(act, tag), "at": act.at} for act in told.acts],
    }


def _act(act: Act, tag: str) -> str:
    names = {"name": name_of(act.person, tag), "to": name_of(act.to, tag) if act.to else ""}
    spoken = language(tag)
    return spoken.gettext(ACTS[act.kind]) % {field: spoken.isolated(name) for field, name in names.items()}


def inbox_card(rows: Sequence[Any], tag: str) -> dict[str, Any]:
    """What waits for an adult; `students` counts each once."""
    return {
        "talks": [
            {
                "id": row.id,
                "student": person_name(row.name, row.sub, "learner", tag),
                "is_for_today": bool(row.is_for_today),
                "for_anyone": bool(row.for_anyone),
                "is_seen": row.seen_at is not None,
                "sent_at": row.sent_at,
            }
            for row in rows
        ],
        "students": len({row.student_id for row in rows}),
        "for_today": sum(1 for row in rows if row.is_for_today),
    }


def presence_card(presence: Presence, tag: str) -> dict[str, Any]:
    """Whether somebody is there, with the moment that changes by the hours' own clock."""
    return {
        "is_known": presence.is_known,
        "is_there": presence.is_there,
        "changes_at": _wall_clock(presence.changes_at, tag, is_today=presence.is_there) if presence.changes_at else "",
    }


def _wall_clock(moment: datetime, tag: str, *, is_today: bool) -> str:
    """A moment by the clock of its own zone: the script, which knows the reader's, leaves it as it is."""
    name, zone = language(tag).cldr, moment.tzinfo
    words = {
        "time": format_time(moment, "short", tzinfo=zone, locale=name),
        "place": get_timezone_location(zone, locale=name, return_city=True),
    }
    if is_today:
        return language(tag).gettext(_("%(time)s (time in %(place)s)")) % words
    day = format_date(moment, "full", locale=name)
    return language(tag).gettext(_("%(day)s, %(time)s (time in %(place)s)")) % {**words, "day": day}


def line_card(line: CrisisLine) -> dict[str, Any]:
    """A crisis line with the address that reaches it."""
    is_page = line.contact.startswith("https://")
    digits = "".join(sign for sign in line.contact if sign in "+0123456789")
    return {
        "id": line.id,
        "name": line.name,
        "language": line.language,
        "contact": line.contact.removeprefix("https://") if is_page else line.contact,
        "href": line.contact if is_page else f"tel:{digits}",
        "is_page": is_page,
    }
