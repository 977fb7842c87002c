"""Sentences that depend on facts: the receipt, what a result still waits for, names of people without a name."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal

from reflect.domain.questions import Category, Question
from reflect.domain.results import Results
from reflect.domain.schedules import Capacity
from reflect.web.language import language
from reflect.web.language import marked as _

CATEGORIES = {
    "start_of_day": _("Start of the day"),
    "after_a_lesson": _("After a lesson"),
    "before_a_test": _("Before a test"),
    "after_a_test": _("After a test"),
    "belonging": _("Belonging"),
    "energy": _("Energy"),
    "friendship": _("Friendship"),
    "end_of_week": _("End of the week"),
    "staff": _("Staff"),
    "general": _("Any time"),
}
UNNAMED = {
    "teacher": _("Teacher %(code)s"),
    "assistant": _("Assistant %(code)s"),
    "learner": _("Student %(code)s"),
}


def category_label(category: Category, tag: str) -> str:
    """A category of the question library."""
    return language(tag).gettext(CATEGORIES[category])


def age_band(question: Question, tag: str) -> str:
    """For whom a question is meant, as "6–9" or "16+"."""
    youngest, oldest = (number and format_decimal(number, locale=language(tag).cldr) for number in
                        (question.from_age, question.to_age))  # fmt: skip
    return f"{youngest}–{oldest}" if oldest else f"{youngest}+"


def whole_name(name: str | None, given: str | None, family: str | None) -> str:
    """What a platform calls somebody: by the whole name it shares, or by its parts; empty if it shares none."""
    return name or f"{given or ''} {family or ''}".strip()


def person_name(name: str, sub: str, role: str, tag: str) -> str:
    """A person's name; for one whose platform shares none, their role and four letters that tell them apart."""
    if name:
        return name
    code = sha256(sub.encode()).hexdigest()[:4]
    return language(tag).gettext(UNNAMED.get(role, UNNAMED["learner"])) % {"code": code}


def group_name(group: Any, tag: str) -> str:
    """A group (lti_id, name) by its name; one without by the platform's number for it."""
    return group.name or language(tag).gettext(_("Group %(number)s")) % {"number": group.lti_id}


def group_names(groups: Iterable[Any], tag: str) -> str:
    """Several groups as a list in words."""
    return format_list([group_name(group, tag) for group in groups], locale=language(tag).cldr)


def capacity_words(capacity: Capacity, tag: str) -> str:
    """That a check-in with names asks more students than there is time for; empty where it does not."""
    follow_ups = capacity.follow_ups
    if follow_ups is None or capacity.asked <= follow_ups:
        return ""
    sentence = (
        _(
            "The groups you chose have %(expected)s students, and you set aside time for %(count)s a day. Perhaps ask "
            "one group at a time, or ask without names."
        )
        if capacity.is_for_groups
        else _(
            "This course has %(expected)s students, and you set aside time for %(count)s a day. Perhaps ask one group "
            "at a time, or ask without names."
        )
    )
    cldr = language(tag).cldr
    numbers = {
        "expected": format_decimal(capacity.asked, locale=cldr),
        "count": format_decimal(follow_ups, locale=cldr),
    }
    return language(tag).gettext(sentence) % numbers


def waiting_sentence(results: Results, checkin: Any, tag: str, *, of_guests: bool = False) -> str:
    """What an anonymous result still waits for, of students or of guests; empty if nothing."""
    say, k = language(tag).gettext, checkin.min_group_size
    if not checkin.is_anonymous or checkin.closed_at is not None:
        return ""
    if checkin.release == "at_close":
        of_students = _("Results show when you close the check-in, if at least %(count)s students have answered.")
        apart = _("Results show when you close the check-in, if at least %(count)s guests have answered.")
    elif not results.shown and not results.unsaid:
        of_students = _("The first results show once %(count)s students have answered.")
        apart = _("The first results show once %(count)s guests have answered.")
    else:
        return _next_step(k - results.waiting, tag, of_guests)
    return say(apart if of_guests else of_students) % {"count": k}


def _next_step(missing: int, tag: str, of_guests: bool) -> str:
    ngettext = language(tag).translations.ngettext
    if of_guests:
        sentence = ngettext(
            "The next results show once %(count)s more guest has answered.",
            "The next results show once %(count)s more guests have answered.",
            missing,
        )
    else:
        sentence = ngettext(
            "The next results show once %(count)s more student has answered.",
            "The next results show once %(count)s more students have answered.",
            missing,
        )
    return sentence % {"count": missing}
