"""Days and rules of a series in words."""

from datetime import date

from babel.dates import format_date, get_day_names
from babel.lists import format_list

from reflect.domain.recurrence import Rule
from reflect.web.language import language
from reflect.web.language import marked as _

RULES = {
    "daily": _("Every day at %(time)s"),
    "weekdays": _("Monday to Friday at %(time)s"),
    "weekly": _("Every %(days)s at %(time)s"),
    "monthly": _("Every month on day %(day)s at %(time)s"),
    "month_end": _("On the last day of every month at %(time)s"),
    "every": _("Every %(every)s days at %(time)s"),
}


def weekday_names(tag: str) -> list[str]:
    """Monday to Sunday."""
    names = get_day_names("wide", "stand-alone", language(tag).cldr)
    return [names[number] for number in range(7)]


def day_words(day: date, tag: str) -> str:
    """A day with its weekday."""
    return format_date(day, "full", locale=language(tag).cldr)


def rule_words(rule: Rule, tag: str) -> str:
    """When a series occurs."""
    names = weekday_names(tag)
    return language(tag).gettext(RULES[rule.frequency]) % {
        "time": rule.at.isoformat("minutes"),
        "days": format_list([names[number] for number in sorted(rule.weekdays)], locale=language(tag).cldr),
        "day": rule.starts_on.day,
        "every": rule.every,
    }
