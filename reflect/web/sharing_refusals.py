"""What the refusals around sharing, windows, browsers and responding say: status, heading, sentence, what to do."""

from collections.abc import Mapping

from reflect.web.language import marked as _

_AGAIN = (
    _("Close this window, and press the button in the other one once more."),
    _("If it does not help, load the other page again, or open Reflect from your course."),
)

SHARING: Mapping[str, tuple[int, str, str, tuple[str, ...]]] = {
    "guest_code_unknown": (
        404,
        _("There is nothing here"),
        _("No check-in has this address. Perhaps a letter is missing or mistaken."),
        (_("Compare the address with the one you were given, or scan the picture again."),),
    ),
    "diagnosis_code": (
        422,
        _("This code cannot be right"),
        _("A character is missing or mistaken, or another version of Reflect made it."),
        (_("Compare it with the page that shows it, one character after the other."),),
    ),
    "guests_closed": (
        410,
        _("This check-in is closed to guests"),
        _("It takes no more answers by this address."),
        (_("If you belong to the course, open it from there."), _("Otherwise ask whoever gave you the address.")),
    ),
    "guests_full": (
        409,
        _("All places are taken"),
        _("As many guests have answered as were invited, so nothing you chose was sent."),
        (_("Tell whoever gave you the address: they can make room for more."),),
    ),
    # Whether the answer is there cannot be known, so nothing here may say so, or ask for it once more.
    "guests_unsure": (
        503,
        _("Reflect needs a moment"),
        _("This browser’s memory is all that stops a second answer. Please give only one."),
        (_("You can close this page now."),),
    ),
    "guests_named": (
        409,
        _("Only anonymous check-ins take guests"),
        _("This check-in shows names, and a guest has none to show."),
        (_("Ask the same question in an anonymous check-in."),),
    ),
    "too_many_tries": (
        429,
        _("Please wait a little"),
        _("Too much came from your network in a short time. Nothing was sent."),
        (_("Try again in ten minutes."),),
    ),
    "too_fast": (
        429,
        _("Please wait a little"),
        _("Too much came in a short time, so this was not taken. Nothing you wrote is lost."),
        (_("Wait a minute and try again."),),
    ),
    "window_unknown": (
        400,
        _("This window could not be opened"),
        _("What the other page handed over cannot be read here."),
        _AGAIN,
    ),
    "window_used": (
        409,
        _("This window could not be opened"),
        _("What the other page handed over has been used. It opens one window, once."),
        _AGAIN,
    ),
    "window_expired": (
        410,
        _("This window could not be opened"),
        _("The other page was open for long, and what it handed over is too old."),
        _AGAIN,
    ),
    "response_anonymous": (
        409,
        _("Nobody to answer to"),
        _("In an anonymous check-in nobody knows whose answer it is, so nobody can be answered."),
        (_("When it is closed, you can tell the whole class what changed because of it."),),
    ),
    "checkin_open": (
        409,
        _("This check-in is still open"),
        _("What changed because of its answers can be told once they are all in."),
        (_("Close the check-in first."),),
    ),
}
