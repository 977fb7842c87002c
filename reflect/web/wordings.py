"""Sentences that depend on facts: the receipt, what a result still waits for, names of people without a name."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal

from reflect.domain.privacy.receipt import Receipt
from reflect.domain.questions import Category, Question
from reflect.domain.results import Results
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


def receipt_title(receipt: Receipt, tag: str) -> str:
    """The receipt's one-line promise."""
    say = language(tag).gettext
    return say(_("Your answer is anonymous")) if receipt.is_anonymous else say(_("Your teachers see your answer"))


def receipt_sentences(receipt: Receipt, tag: str) -> list[str]:
    """Who was asked, who will see the answer, what classmates see, and until when it is kept."""
    sentences = _anonymous(receipt, tag) if receipt.is_anonymous else _named(receipt, tag)
    return [
        *_asked(receipt, tag),
        *sentences,
        *_written(receipt, tag),
        *_exported(receipt, tag),
        _class_sentence(receipt, tag),
        _kept(receipt, tag),
    ]


def _asked(receipt: Receipt, tag: str) -> list[str]:
    if not receipt.groups:
        return []
    sentence = language(tag).translations.ngettext(
        "Only the group %(names)s is asked.", "Only the groups %(names)s are asked.", len(receipt.groups)
    )
    return [sentence % {"names": group_names(receipt.groups, tag)}]


def _named(receipt: Receipt, tag: str) -> list[str]:
    translations = language(tag).translations
    names = [person_name(reader.name, reader.sub, reader.role, tag) for reader in receipt.readers]
    if not names:
        return [translations.gettext(_("The teachers of this course will see your name with your answer."))]
    sentence = translations.ngettext(
        "This person will see your name with your answer: %(names)s.",
        "These %(count)s people will see your name with your answer: %(names)s.",
        len(names),
    )
    return [sentence % {"count": len(names), "names": format_list(names, locale=language(tag).cldr)}]


def _anonymous(receipt: Receipt, tag: str) -> list[str]:
    say = language(tag).gettext
    if receipt.release == "in_steps":
        when = _("Answers are mixed and shown in groups of at least %(count)s.")
    else:
        when = _("Answers are mixed and shown when it closes, if there are at least %(count)s.")
    return [
        say(_("Nobody can find out which answer is yours, not even your teacher.")),
        say(when) % {"count": receipt.min_group_size},
        say(_("Because it cannot be found again, it cannot be changed.")),
    ]


def _written(receipt: Receipt, tag: str) -> list[str]:
    """Who reads a note or an own word; nothing where neither can be written."""
    say, k = language(tag).gettext, receipt.min_group_size
    if not receipt.is_anonymous:
        return [say(_("If you write a note, the same people read it with your name."))] if receipt.asks_note else []
    if receipt.asks_note:
        sentence = _(
            "A note or a word of your own is shown to your teachers without a name, mixed with those of others, once "
            "there are at least %(count)s answers; with fewer, nobody reads it. What you write may still show who you "
            "are."
        )
    elif receipt.offers_word:
        sentence = _(
            "A word of your own is shown to your teachers without a name, mixed with those of others, once there are "
            "at least %(count)s answers. What you write may still show who you are."
        )
    else:
        return []
    return [say(sentence) % {"count": k}]


def _exported(receipt: Receipt, tag: str) -> list[str]:
    """What the institution's data warehouse gets. Totals may go there whenever a key is made: that is always told."""
    say = language(tag).gettext
    if receipt.is_anonymous:
        return [say(_("Your institution may keep the same totals in its data warehouse, without names."))]
    if not receipt.is_exported:
        return []
    sentence = _(
        "Your institution’s data warehouse gets your answer too, together with who you are, but no note and no word of "
        "your own. How long it keeps them is for your institution to say."
    )
    return [say(sentence)]


def guest_receipt_sentences(receipt: Receipt, tag: str) -> list[str]:
    """What a guest is told before answering: who sees what, what their browser keeps, and until when it is kept."""
    say = language(tag).gettext
    shown = _("The totals may be shown to the class, and to the room you are in.")
    return [
        say(_("Nobody asks who you are, and nobody can find out which answer is yours.")),
        *_anonymous(receipt, tag)[1:2],
        say(shown if receipt.shared_with_class else _("Only the teachers of the course see the totals.")),
        say(
            _(
                "Your network address is not kept. One answer for each browser: a cookie that only says “answered” is "
                "all that stops a second one."
            )
        ),
        _kept(receipt, tag),
    ]


def _class_sentence(receipt: Receipt, tag: str) -> str:
    say = language(tag).gettext
    if not receipt.shared_with_class:
        return say(_("Your classmates see nothing."))
    if receipt.is_anonymous:
        return say(_("Your classmates see the same totals as your teacher."))
    sentence = _("Your classmates see totals without names when it closes, if at least %(count)s have answered.")
    return say(sentence) % {"count": receipt.min_group_size}


def _kept(receipt: Receipt, tag: str) -> str:
    sentence = language(tag).translations.ngettext(
        "Deleted %(count)s day after the last visit to this course.",
        "Deleted %(count)s days after the last visit to this course.",
        receipt.retention_days,
    )
    return sentence % {"count": receipt.retention_days}


def waiting_sentence(results: Results, checkin: Any, tag: str) -> str:
    """What an anonymous result still waits for; empty if nothing."""
    say, k = language(tag).gettext, checkin.min_group_size
    if not checkin.is_anonymous or checkin.closed_at is not None:
        return ""
    if checkin.release == "at_close":
        return say(_("Results show when you close the check-in, if at least %(count)s have answered.")) % {"count": k}
    if not results.shown and not results.unsaid:
        return say(_("The first results show once %(count)s have answered.")) % {"count": k}
    return say(_("The next results show once %(count)s more have answered.")) % {"count": k - results.waiting}
