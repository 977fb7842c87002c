"""The receipt in words: what students and guests are told before answering, and staff besides the results."""

from typing import Any

from babel.lists import format_list

from reflect.domain.privacy.receipt import Receipt
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.wordings import group_names, person_name

MOST_NAMES = 4
"""So many readers are named before the choices; of more, one fewer are, and how many others there are."""


def receipt_title(receipt: Receipt, tag: str) -> str:
    """The receipt's one-line promise."""
    say = language(tag).gettext
    return say(_("Your answer is anonymous")) if receipt.is_anonymous else say(_("Your teachers see your answer"))


def receipt_sentences(receipt: Receipt, tag: str) -> list[str]:
    """Who will see the answer, who was asked, what classmates see, and until when it is kept.

    The first is the one that stands open before the choices; whoever wants to know unfolds the others.
    """
    first, *others = _anonymous(receipt, tag) if receipt.is_anonymous else _named(receipt, tag)
    return [
        first,
        *_asked(receipt, tag),
        *others,
        *_written(receipt, tag),
        *_class(receipt, tag),
        *_leaders(receipt, tag),
        *_exported(receipt, tag),
        *_marked(receipt, tag),
        _kept(receipt, tag),
    ]


def receipt_before_choices(receipt: Receipt, tag: str) -> list[str]:
    """The sentences for the page with the choices: of many readers the first one names a few, the next one all."""
    sentences = receipt_sentences(receipt, tag)
    if receipt.is_anonymous or len(receipt.readers) <= MOST_NAMES:
        return sentences
    return [_readers(receipt, tag, MOST_NAMES - 1), *sentences]


def _asked(receipt: Receipt, tag: str) -> list[str]:
    if not receipt.groups:
        return []
    sentence = language(tag).translations.ngettext(
        "Only the group %(names)s is asked.", "Only the groups %(names)s are asked.", len(receipt.groups)
    )
    return [sentence % {"names": group_names(receipt.groups, tag)}]


def _named(receipt: Receipt, tag: str) -> list[str]:
    say = language(tag).gettext
    reminded = say(_("Reflect may remind them to ask how you are, by simple rules over answers with names."))
    if not receipt.readers:
        return [say(_("The teachers of this course will see your name with your answer.")), reminded]
    return [_readers(receipt, tag, len(receipt.readers)), reminded]


def _readers(receipt: Receipt, tag: str, named: int) -> str:
    """Who will see a named answer: so many by name, and how many more there are."""
    translations, count = language(tag).translations, len(receipt.readers)
    names = [person_name(reader.name, reader.sub, reader.role, tag) for reader in receipt.readers[:named]]
    if more := count - len(names):
        names.append(translations.ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
    sentence = translations.ngettext(
        "This person will see your name with your answer: %(names)s.",
        "These %(count)s people will see your name with your answer: %(names)s.",
        count,
    )
    return sentence % {"count": count, "names": format_list(names, locale=language(tag).cldr)}


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


def _written_by_guests(receipt: Receipt, tag: str) -> list[str]:
    say, k = language(tag).gettext, receipt.min_group_size
    if receipt.asks_note:
        sentence = _(
            "The teachers of the course read a note or a word of your own, without a name, mixed with those of other "
            "guests, once there are at least %(count)s answers; with fewer, nobody reads it. What you write may still "
            "show who you are."
        )
    elif receipt.offers_word:
        sentence = _(
            "The teachers of the course read a word of your own, without a name, mixed with those of other guests, "
            "once there are at least %(count)s answers. What you write may still show who you are."
        )
    else:
        return []
    return [say(sentence) % {"count": k}]


def guest_receipt_sentences(receipt: Receipt, tag: str) -> list[str]:
    """What a guest is told before answering: who sees what, what their browser keeps, and until when it is kept."""
    say = language(tag).gettext
    return [
        say(_("Nobody asks who you are, and nobody can find out which answer is yours.")),
        *_anonymous(receipt, tag)[1:2],
        *_written_by_guests(receipt, tag),
        _guest_totals(receipt, tag),
        say(
            _(
                "Your network address is not kept. One answer for each browser: a cookie that only says “answered” is "
                "all that stops a second one."
            )
        ),
        _kept(receipt, tag),
    ]


def audience_words(checkin: Any, tag: str) -> str:
    """Who sees the totals besides the one who reads this, for staff: what students were told before answering."""
    if not checkin.shared_with_class:
        words = _("only teachers see totals")
    elif checkin.is_anonymous:
        words = _("the class sees the same totals")
    elif checkin.closed_at is None:
        words = _("the class sees totals once it is closed")
    else:
        words = _("the class sees totals, if enough have answered")
    return language(tag).gettext(words)


def _class(receipt: Receipt, tag: str) -> list[str]:
    """What classmates see, as far as it is about the reader: the class's totals count no guest."""
    say = language(tag).gettext
    if receipt.is_guest and receipt.is_anonymous:
        return [_guest_totals(receipt, tag)]
    if not receipt.shared_with_class:
        return [say(_("In this course only your teachers see totals. Your classmates see nothing."))]
    if receipt.is_guest:
        return []
    if receipt.is_anonymous:
        sentence = _("Your classmates see the same totals as your teachers, once they have answered or it is closed.")
        return [say(sentence)]
    sentence = _("Your classmates see totals without names when it closes, if at least %(count)s have answered.")
    return [say(sentence) % {"count": receipt.min_group_size}]


def _guest_totals(receipt: Receipt, tag: str) -> str:
    """Who sees the totals of guests' answers."""
    shown = _("The totals may be shown to the class, and to the room you are in.")
    return language(tag).gettext(
        shown if receipt.shared_with_class else _("Only the teachers of the course see the totals.")
    )


def _leaders(receipt: Receipt, tag: str) -> list[str]:
    if receipt.is_guest:
        return []
    sentence = _(
        "Leaders of your institution see weekly totals of at least %(count)s people, never a name or an answer."
    )
    return [language(tag).gettext(sentence) % {"count": receipt.weekly_totals_from}]


def _exported(receipt: Receipt, tag: str) -> list[str]:
    """What the institution's data warehouse gets. Totals may go there whenever a key is made: that is always told."""
    say = language(tag).gettext
    if receipt.is_anonymous and receipt.is_guest:
        return []
    if receipt.is_anonymous:
        return [say(_("Your institution may keep the same totals in its data warehouse, without names."))]
    if not receipt.is_exported:
        return []
    sentence = _(
        "Your institution’s data warehouse gets your answer too, together with who you are, but no note and no word of "
        "your own. How long it keeps them is for your institution to say."
    )
    return [say(sentence)]


def _marked(receipt: Receipt, tag: str) -> list[str]:
    sentence = _("Your learning platform’s gradebook shows that you took part, never what you answered.")
    return [language(tag).gettext(sentence)] if receipt.gives_mark else []


def _kept(receipt: Receipt, tag: str) -> str:
    sentence = language(tag).translations.ngettext(
        "Deleted %(count)s day after the last visit to this course.",
        "Deleted %(count)s days after the last visit to this course.",
        receipt.retention_days,
    )
    return sentence % {"count": receipt.retention_days}
