"""Check-ins as sheets of a workbook, in the reader's language: who answered what, and how many."""

from collections.abc import Iterator, Sequence

from reflect.domain.exports import Exported
from reflect.domain.forms import OTHER_WORD
from reflect.domain.results import Results
from reflect.web.cards import question_of
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.options import option_card
from reflect.web.spreadsheets import Cell, Sheet
from reflect.web.wordings import person_name

_ABOUT = (_("Check-in"), _("Question"), _("Opened (UTC)"))
_ANSWERS = (*_ABOUT, _("Student"), _("Answer"), _("Own word"), _("Note"), _("Answered (UTC)"), _("Changed (UTC)"))
_TOTALS = (*_ABOUT, _("Closed (UTC)"), _("Names"), _("From whom"), _("What"), _("Text"), _("Count"))


def answers_sheet(exported: Sequence[Exported], tag: str) -> Sheet:
    """Named answers, a row for each student who was asked; of anonymous check-ins there are none."""
    return _sheet(_("Answers"), _ANSWERS, [row for it in exported for row in _answers(it, tag)], tag)


def totals_sheet(exported: Sequence[Exported], tag: str) -> Sheet:
    """How many gave which answer; of anonymous check-ins what was released, with notes and words apart from it."""
    return _sheet(_("Totals"), _TOTALS, [row for it in exported for row in _totals(it, tag)], tag)


def _sheet(title: str, columns: Sequence[str], rows: Sequence[tuple[Cell, ...]], tag: str) -> Sheet:
    say = language(tag).gettext
    return Sheet(say(title), tuple(map(say, columns)), rows)


def _about(it: Exported, tag: str) -> tuple[Cell, ...]:
    return it.checkin.id, question_of(it.checkin.question_key, it.checkin.question, tag), it.checkin.opened_at


def _answers(it: Exported, tag: str) -> Iterator[tuple[Cell, ...]]:
    if it.checkin.is_anonymous:
        return
    about = _about(it, tag)
    people = [
        (
            person_name(person.name, person.sub, "learner", tag),
            option_card(it.checkin, person.choice, tag).word,
            person.word if person.choice == OTHER_WORD else "",
            person.note,
            person.answered_at,
            person.changed_at if person.changed_at != person.answered_at else None,
        )
        for person in it.results.people
    ]
    for row in sorted(people, key=lambda person: person[0].casefold()):
        yield (*about, *row)
    for student in it.results.awaited:
        yield (*about, person_name(student.name, student.sub, "learner", tag), None, None, None, None, None)


def _totals(it: Exported, tag: str) -> Iterator[tuple[Cell, ...]]:
    say = language(tag).gettext
    names = say(_("Anonymous") if it.checkin.is_anonymous else _("Named"))
    about = (*_about(it, tag), it.checkin.closed_at, names)
    for row in _counted(it, it.results, tag):
        yield (*about, say(_("Students")), *row)
    if it.guests:
        for row in _counted(it, it.guests.results, tag):
            yield (*about, say(_("Guests")), *row)


def _counted(it: Exported, found: Results, tag: str) -> Iterator[tuple[Cell, ...]]:
    say = language(tag).gettext
    for bar in found.bars:
        if bar.count:
            yield say(_("Answer")), option_card(it.checkin, bar.choice, tag).word, bar.count
    if found.waiting:
        yield say(_("Not shown yet")), None, found.waiting
    if hidden := found.unsaid + found.withheld:
        yield say(_("Not shown")), None, hidden
    for word in found.words:
        yield say(_("Own word")), word, None
    for note in found.notes:
        yield say(_("Note")), note, None
