"""What is said at a field of a form that cannot be taken as it is, by code."""

from collections.abc import Mapping

from reflect.web.checkin_refusals import SCHEDULE_ERRORS
from reflect.web.language import language
from reflect.web.language import marked as _
from reflect.web.talk_refusals import TALK_FIELDS

FIELD_ERRORS: Mapping[str, str] = {
    "choose": _("Choose one of the options."),
    "question_missing": _("Choose a question, or write your own."),
    "question_too_long": _("Use at most 200 characters."),
    "question_unprintable": _("Leave out characters that cannot be shown."),
    "places": _("Enter a number from %(count)s to %(most)s."),
    "reply_too_long": _("Use at most 300 characters."),
    "reply_changed": _("Meanwhile there is another reply: it stands below. Send yours once more to replace it."),
    "follow_up_too_long": _("Use at most 1,000 characters."),
    "more_than_span": _("Choose at most as many as the answers that are looked at."),
    "change_too_long": _("Use at most 500 characters."),
    "groups_too_small": _("Choose groups with at least %(count)s students together, or see names and show no totals."),
    "groups_overlap": _(
        "The same question was put to nearly the same students today. Side by side, the answers of fewer than "
        "%(count)s would stand out. Choose other groups, or wait a day."
    ),
    "groups_too_many": _("Choose at most 200 groups, or ask everyone."),
    "questions_too_many": _(
        "You have kept 200 questions already. Delete one of them first, or ask without keeping it."
    ),
    "labels_too_few": _("Write at least two, or both ends of the scale."),
    "label_too_long": _("Use at most 40 characters for each."),
    "label_unprintable": _("Leave out characters that cannot be shown."),
    "labels_alike": _("Each must be different from the others."),
    **TALK_FIELDS,
    "key_name_too_long": _("Use at most 80 characters."),
    "scopes_missing": _("Choose at least one, or the key could read nothing."),
    "name_too_long": _("Use at most 100 characters."),
    "required": _("This is missing."),
    "too_long": _("Use at most 255 characters."),
    "url": _("This must be an address that begins with https://."),
    "hosts": _("Write names like api.school.example or api.school.example:8443, with a space between two, and no “*”."),
    **SCHEDULE_ERRORS,
    "moment": _("Enter a date with a time."),
    "period_reversed": _("This must be later than the beginning."),
    "zone": _("Reflect does not know the time zone of your browser. Leave the dates out, or set them in the platform."),
    "email": _("This must be an e-mail address."),
    "appointed_otherwise": _(
        "Somebody with this address is here as something else. Remove them first, then invite anew."
    ),
}


def sentences(errors: Mapping[str, str], tag: str, **numbers: int) -> dict[str, str]:
    """What is said at each field; `numbers` are those that the sentences name."""
    return {field: language(tag).gettext(FIELD_ERRORS[code]) % numbers for field, code in errors.items()}
