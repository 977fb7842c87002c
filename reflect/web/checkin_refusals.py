"""What the refusals of changing and planning a check-in say."""

from collections.abc import Mapping

from reflect.web.language import marked as _
from reflect.web.wording import Wording

CHECKIN_WORDINGS: Mapping[str, Wording] = {
    "groups_overlap": Wording(
        409,
        _("This would single somebody out"),
        _("The same question was put to nearly the same students today. Side by side, few answers would stand out."),
        (_("Open it tomorrow, or ask something else."),),
    ),
    "groups_too_small": Wording(
        409,
        _("This would single somebody out"),
        _("So few students would be asked that answers would stand out. Nothing was opened."),
        (_("Choose a larger group, or the whole class."),),
    ),
    "groups_named": Wording(
        409,
        _("Groups have their names already"),
        _("Your learning platform names the groups of this course."),
        (_("Change the name there; the next list of students brings it here."),),
    ),
    "checkin_answered": Wording(
        409,
        _("Somebody has answered already"),
        _("A check-in can be changed only until the first answer. Nothing was changed."),
        (_("Duplicate it and change the copy, or close it and ask anew."),),
    ),
    "checkin_archived": Wording(
        409,
        _("This check-in is archived"),
        _("It stays as it is while it is out of the lists."),
        (_("Bring it back to the list first."),),
    ),
    "archive_open": Wording(
        409, _("This check-in is open"), _("An open check-in cannot be archived."), (_("Close it first."),)
    ),
    "checkin_imported": Wording(
        409,
        _("An imported check-in cannot be opened again"),
        _("Its answers were given in another system, to another receipt."),
        (_("Duplicate it and open the copy."),),
    ),
    "checkin_released": Wording(
        409,
        _("An anonymous check-in cannot be opened again"),
        _("At its close the answers were mixed and shown, or destroyed, once and for all."),
        (_("Duplicate it and open the copy."),),
    ),
    "group_too_few": Wording(
        409,
        _("Too few students for a view of their own"),
        _("In this group are so few students that its picture would be one of single people."),
        (_("Choose a larger group, or the whole class."),),
    ),
}

SCHEDULE_ERRORS: Mapping[str, str] = {
    "promise_given": _("Students may have read this promise already, so it cannot be taken back."),
    "zone_unknown": _("Write the name of a time zone, such as Europe/London."),
    "moment_skipped": _("The clocks go forward over this time, so it never comes. Choose an earlier or a later one."),
    "moment_past": _("This time is over. Choose a later one, or open it now."),
    "number": _("Enter a whole number that is not too large."),
    "days": _("Write dates like 2027-02-15, with a space between two."),
    "weekdays_missing": _("Choose at least one day of the week."),
    "never": _("From now on there is no such day. Look at the dates again."),
}
