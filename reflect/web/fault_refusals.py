"""What is said where nothing is wrong with what was asked for: the database is away, or we have a fault."""

from collections.abc import Mapping

from reflect.web.language import marked as _
from reflect.web.wording import Wording

TELL_ADMIN = _("If it keeps happening, tell the person who runs your learning platform, with the code below.")

FAULTS: Mapping[str, Wording] = {
    "unavailable": Wording(
        503,
        _("Reflect needs a moment"),
        _("The database cannot be reached right now. Nothing was saved."),
        (_("Wait a minute and try again."), TELL_ADMIN),
    ),
    "unsure": Wording(
        503,
        _("Reflect needs a moment"),
        _("Something went wrong just as this was being saved. It may be saved, or not."),
        (_("Open the page again to see."), TELL_ADMIN),
    ),
    "broken": Wording(
        500,
        _("Something went wrong here"),
        _("This is our fault, not yours. Nothing was saved."),
        (_("Try again."), TELL_ADMIN),
    ),
}
