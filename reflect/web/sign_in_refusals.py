"""What refusals of the institution's sign-in say to a person."""

from collections.abc import Mapping

from reflect.web.language import marked as _

_AGAIN = _("Start again: press the button to sign in once more.")
_FAILED = _("Signing in did not work")
_UNDO = _("For administrators: `reflect person unlink` undoes a link. The log has the numbers of the people.")

SIGN_INS: Mapping[str, tuple[int, str, str, tuple[str, ...]]] = {
    "sign_in_missing": (
        401,
        _("Please sign in"),
        _("Your institution asks you to sign in with its own account."),
        (_AGAIN,),
    ),
    "sign_in_late": (401, _FAILED, _("It took too long, or Reflect was closed in the meantime."), (_AGAIN,)),
    "sign_in_failed": (
        401,
        _FAILED,
        _("What the sign-in service said could not be believed, or came too late."),
        (_AGAIN,),
    ),
    "sign_in_unavailable": (
        503,
        _("Signing in is not possible right now"),
        _("The sign-in service cannot be reached."),
        (_("Try again in a minute."),),
    ),
    "identity_taken": (
        409,
        _("This account belongs to somebody else here"),
        _("Somebody else in your learning platform has signed in with this account before. Nothing was changed."),
        (_("Is somebody else signed in on this device? Sign out there, then start again."), _UNDO),
    ),
    "identity_differs": (
        409,
        _("You signed in with another account before"),
        _("Reflect knows you by another account of your institution. Nothing was changed."),
        (_("Start again, and choose the account that you used before."), _UNDO),
    ),
    "identity_unknown": (
        403,
        _("Reflect does not know this account yet"),
        _("Your course tells Reflect who you are. It has not done so for this account."),
        (_("Open Reflect from your course once, and sign in there. After that you can sign in here."),),
    ),
}
"""By code: status, heading, sentence, and what to do next."""
