"""What each refusal says to a person: status, heading, one sentence, and what to do next. Codes are stable."""

from collections.abc import Mapping
from dataclasses import dataclass

from reflect.web.language import marked as _

AGAIN = _("Go back to your course and open Reflect from there.")
TELL_ADMIN = _("If it keeps happening, tell the person who runs your learning platform, with the code below.")
ADMIN_CHECKS = _("For administrators: `reflect doctor` and the log, with the number below, say what does not fit.")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one refusal is told."""

    status: int
    heading: str
    sentence: str
    what_next: tuple[str, ...]


def _setup(status: int, sentence: str) -> Wording:
    """Something in the connection between the platform and Reflect does not fit; a person cannot mend it."""
    heading = _("Reflect could not be opened")
    return Wording(status, heading, sentence, (AGAIN, TELL_ADMIN, ADMIN_CHECKS))


def _again(status: int, sentence: str) -> Wording:
    """Starting again from the course mends it."""
    return Wording(status, _("Please open Reflect again"), sentence, (AGAIN, TELL_ADMIN))


_LINK = _("The link from your learning platform was not complete or not in the form that was agreed.")
_TRUST = _("Reflect could not make sure that this link really came from your learning platform.")
_STALE = _("This link from your learning platform is too old, or your platform's clock is wrong.")
_UNKNOWN = _("Reflect does not know the learning platform that this link comes from.")

WORDINGS: Mapping[str, Wording] = {
    # login and launch (codes and statuses of the launch table)
    "login_param": _setup(400, _LINK),
    "platform_unknown": _setup(400, _UNKNOWN),
    "client_ambiguous": _setup(
        400, _("Your learning platform is registered here more than once and did not say which one it is.")
    ),
    "registration_off": _setup(403, _("The connection to your learning platform has been switched off here.")),
    "state_missing": _again(400, _("Your learning platform's answer does not say which opening it belongs to.")),
    "state_unknown": _again(400, _("This answer belongs to no opening of Reflect that we know of.")),
    "state_expired": _again(400, _("Opening Reflect took longer than ten minutes.")),
    "state_used": _again(401, _("This link has been used already. Each one works once.")),
    "browser_unproven": _again(401, _("Your browser could not show that it is the one that began to open Reflect.")),
    "platform_refused": _again(400, _("Your learning platform did not let you through to Reflect.")),
    "too_large": _setup(413, _("What was sent is larger than Reflect takes.")),
    "token_malformed": _setup(400, _LINK),
    "alg": _setup(401, _TRUST),
    "kid_missing": _setup(401, _TRUST),
    "kid_unknown": _setup(401, _TRUST),
    "signature": _setup(401, _TRUST),
    "issuer": _setup(401, _TRUST),
    "audience": _setup(401, _TRUST),
    "azp": _setup(401, _TRUST),
    "mixup": _setup(401, _TRUST),
    "nonce": _setup(401, _TRUST),
    "keys_unavailable": _setup(503, _("Reflect cannot reach your learning platform to check this link.")),
    "claim_missing": _setup(400, _LINK),
    "claim_type": _setup(400, _LINK),
    "expired": _setup(401, _STALE),
    "iat": _setup(401, _STALE),
    "version": _setup(400, _("Your learning platform speaks another version of LTI than 1.3.")),
    "message_type": _setup(400, _("Your learning platform asked for something that Reflect does not offer.")),
    "message_unsupported": _setup(501, _("Your learning platform asked for something Reflect does not offer yet.")),
    "deployment_missing": _setup(400, _LINK),
    "deployment_unknown": _setup(
        403, _("This placement of Reflect has not been approved yet. The administrator can see that it knocked.")
    ),
    "user_missing": _setup(400, _("Your learning platform did not say who you are.")),
    "roles": _setup(400, _LINK),
    "target": _setup(400, _("The link points to somewhere outside Reflect.")),
    "target_mismatch": _setup(400, _("The link says two different things about where it leads.")),
    "resource_link": _setup(400, _LINK),
    "context": _setup(400, _LINK),
    "deep_link": _setup(400, _LINK),
    "submission_review": _setup(400, _LINK),
    "submission_review_role": _setup(403, _("Only teachers can look at somebody else's work.")),
    "method": _again(405, _("This address is for your learning platform, not for a visit.")),
    "content_type": _setup(415, _LINK),
    # the app
    "session_missing": _again(401, _("This page has lost its connection to your course.")),
    "not_allowed": Wording(
        403,
        _("This is for others"),
        _("Your role in this course does not include this."),
        (_("If you think it should, ask a teacher of the course to check your role."), AGAIN),
    ),
    "missing": Wording(
        404, _("There is nothing here"), _("The page does not exist, or is not in your course."), (AGAIN,)
    ),
    "checkin_closed": Wording(
        409,
        _("This check-in is closed"),
        _("It takes no more answers, and nothing you chose was sent."),
        (_("If you would like to tell your teacher something, speak to them."), AGAIN),
    ),
    "emotion_missing": Wording(
        422, _("Please choose a feeling"), _("Choose one of the feelings shown, then send again."), ()
    ),
    "cross_site": _again(403, _("This change was asked for by another site, so Reflect did not make it.")),
    "form": _again(400, _("What was sent could not be read as a form of this page.")),
    "unavailable": Wording(
        503,
        _("Reflect needs a moment"),
        _("The database cannot be reached right now. Nothing was saved."),
        (_("Wait a minute and try again."), TELL_ADMIN),
    ),
    "broken": Wording(
        500,
        _("Something went wrong here"),
        _("This is our fault, not yours. Nothing was saved."),
        (_("Try again."), TELL_ADMIN),
    ),
}  # fmt: skip

EMOTION_MISSING = WORDINGS["emotion_missing"].sentence

FIELD_ERRORS: Mapping[str, str] = {
    "choose": _("Choose one of the options."),
    "question_missing": _("Choose a question, or write your own."),
    "question_too_long": _("Use at most 200 characters."),
    "question_unprintable": _("Leave out characters that cannot be shown."),
}
