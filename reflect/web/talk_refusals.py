"""What refusals about talks, and fields of the portal's page about support, say to a person."""

from collections.abc import Mapping

from reflect.web.language import marked as _

TALKS: Mapping[str, tuple[int, str, str, tuple[str, ...]]] = {
    "talks_too_many": (
        409,
        _("Five of your wishes to talk are open"),
        _("The adults of this course have five of them from you already, so this one was not sent."),
        (
            _("Take one back that nobody has seen, or speak to an adult near you."),
            _("If you are in danger now, call your emergency number or tell an adult near you."),
        ),
    ),
    "talk_seen": (
        409,
        _("It has been seen already"),
        _("An adult has seen that you would like to talk, so it cannot be taken back any more."),
        (_("You can tell them that you have changed your mind. That is all right."),),
    ),
    "talk_closed": (
        409,
        _("This is closed"),
        _("What is closed cannot be handed over any more."),
        (_("Speak to the other adult yourself."),),
    ),
}
"""By code: status, heading, sentence, and what to do next."""

TALK_FIELDS: Mapping[str, str] = {
    "message_too_long": _("Use at most 500 characters."),
    "talk_closed": _("Nothing was sent"),
    "word_unsent": _("Only closing sends a word back. Clear this field to hand it over."),
    "hours": _("Write times like 08:00–12:30, 13:30–16:00, the earlier first, or nothing."),
    "day": _("Enter a date."),
    "contact": _("Enter a telephone number, or an address that begins with https://."),
    "language_tag": _("Enter a language like en, de or pt-BR, or nothing."),
}
