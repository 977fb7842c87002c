"""What each refusal says to a person: status, heading, one sentence, and what to do next. Codes are stable."""

from collections.abc import Mapping

from reflect.web.api.refusals import API_WORDINGS
from reflect.web.checkin_refusals import CHECKIN_WORDINGS
from reflect.web.fault_refusals import FAULTS, TELL_ADMIN
from reflect.web.language import marked as _
from reflect.web.sharing_refusals import SHARING
from reflect.web.sign_in_refusals import SIGN_INS
from reflect.web.talk_refusals import TALKS
from reflect.web.wording import Wording

AGAIN = _("Go back to your course and open Reflect from there.")
ADMIN_CHECKS = _("For administrators: `reflect doctor` and the log, with the number below, say what does not fit.")


def _setup(status: int, sentence: str) -> Wording:
    """Something in the connection between the platform and Reflect does not fit; a person cannot mend it."""
    heading = _("Reflect could not be opened")
    return Wording(status, heading, sentence, (AGAIN, TELL_ADMIN, ADMIN_CHECKS))


def _again(status: int, sentence: str) -> Wording:
    """Starting again from the course mends it."""
    return Wording(status, _("Please open Reflect again"), sentence, (AGAIN, TELL_ADMIN))


def _invitation(status: int, sentence: str) -> Wording:
    """An address that works once does not work."""
    heading = _("This address does not work any more")
    commands = _(
        "On the server, `reflect admin invite` (for a person) or `reflect registration invite` (for an LMS) prints one."
    )
    return Wording(status, heading, sentence, (_("Ask whoever gave it to you for a new one."), commands))


def _registering(status: int, sentence: str) -> Wording:
    """Dynamic registration came to nothing; the invitation is still good."""
    heading = _("Reflect could not be registered")
    steps = (
        _("Nothing was registered, and the address still works: paste it into the LMS once more."),
        _("Or register Reflect by hand: the portal leads you through it."),
        ADMIN_CHECKS,
    )
    return Wording(status, heading, sentence, steps)


def _answering(sentence: str) -> Wording:
    """What was written with an answer does not do."""
    return Wording(422, _("Please look at your answer again"), sentence, ())


_LISTED = _("The portal lists all registrations.")
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
    "deep_link_missing": _again(403, _("Content can only be chosen from your learning platform's own dialog.")),
    "deep_link_too_many": Wording(
        422,
        _("Please choose one"),
        _("Your learning platform takes only one activity at a time here."),
        (_("Go back, choose one, and add the next afterwards."),),
    ),
    "deep_link_type": _setup(422, _("Your learning platform asked for another kind of content than Reflect has.")),
    "checkin_closed": Wording(
        409,
        _("This check-in is closed"),
        _("It takes no more answers, and nothing you chose was sent."),
        (_("If you would like to tell your teacher something, speak to them."),),
    ),
    **CHECKIN_WORDINGS,
    **API_WORDINGS,
    "prompt_gone": Wording(
        409,
        _("There is no reason to ask any more"),
        _("The student’s newest answers give none, so nothing was handed over."),
        (_("If you still wonder how they are, ask them, or speak to the other adult."),),
    ),
    **{code: Wording(*told) for code, told in SHARING.items()},
    "choice_missing": Wording(
        422, _("Please choose an answer"), _("Choose one of the answers shown, then send again."), ()
    ),
    "question_changed": Wording(
        409,
        _("The question is another one now"),
        _("Your teacher changed the question while you had it open. Nothing was sent. Please look at it again."),
        (),
    ),
    "word_missing": _answering(_("Write your own word, or choose one of those shown.")),
    "word_too_long": _answering(_("Your own word can have at most 30 characters.")),
    "word_unprintable": _answering(_("Leave out characters that cannot be shown.")),
    "note_too_long": _answering(_("Your note can have at most 500 characters.")),
    "note_unprintable": _answering(_("Leave out characters that cannot be shown.")),
    **{code: Wording(*told) for code, told in {**TALKS, **SIGN_INS}.items()},
    "cross_site": _again(403, _("This change was asked for by another site, so Reflect did not make it.")),
    "form": _again(400, _("What was sent could not be read as a form of this page.")),
    # the portal, and registering by an invitation
    "admin_session_missing": Wording(
        401, _("Please sign in"), _("This page is for Reflect’s administrators and leaders."), ()
    ),
    "leader_only_reads": Wording(
        403,
        _("This page is for administrators"),
        _("As a leader you read the insights of your institution. Nothing was changed."),
        (_("Open the insights: their address ends in /admin/insights."), _("Ask an administrator to do the rest.")),
    ),
    "admin_unknown": Wording(
        403,
        _("Nobody has let you in here"),
        _("You are signed in, but nobody has made you an administrator or a leader of Reflect."),
        (_("Ask an administrator of Reflect to invite you by this very e-mail address."),),
    ),
    "admin_last": Wording(
        409,
        _("Somebody must stay"),
        _("This is the only administrator, so nobody was removed."),
        (_("Invite somebody else first."),),
    ),
    "oidc": Wording(
        401,
        _("Signing in did not work"),
        _("What the sign-in service said could not be believed, or came too late."),
        (_("Try again from the sign-in page."), ADMIN_CHECKS),
    ),
    "oidc_unavailable": Wording(
        503,
        _("Signing in is not possible right now"),
        _("The sign-in service cannot be reached."),
        (_("Try again in a minute."), _("Use a sign-in address: `reflect admin invite` prints one."), ADMIN_CHECKS),
    ),
    "invitation_unknown": _invitation(404, _("This address is not complete, or was never made here.")),
    "invitation_used": _invitation(410, _("This address has been used. Each one works once.")),
    "invitation_expired": _invitation(410, _("This address has expired. Each one works for a day.")),
    "registration_missing": Wording(
        404, _("There is no such registration"), _("It may have been removed."), (_LISTED,)
    ),
    "draft_missing": Wording(
        404,
        _("This registration is not being filled in any more"),
        _("It was finished or thrown away, perhaps in another window."),
        (_LISTED,),
    ),
    "registered_already": Wording(
        409,
        _("This LMS is registered already"),
        _("There is a registration with this issuer and client id already. It has not been changed."),
        (_LISTED,),
    ),
    "registration_by_hand": Wording(
        400,
        _("This address is for your learning platform"),
        _("Opened by itself it can do nothing."),
        (_("Paste it into your learning platform, where it asks for the address of a tool."),),
    ),
    "configuration_unavailable": _registering(502, _("Reflect could not read the LMS’s configuration.")),
    "configuration_malformed": _registering(502, _("The LMS’s configuration lacks something that registering needs.")),
    "issuer_mismatch": _registering(400, _("The configuration speaks for another site than the one it came from.")),
    "endpoint_insecure": _registering(400, _("The LMS names an address without https.")),
    "endpoint_elsewhere": _registering(400, _("The LMS names an address that belongs to somebody else.")),
    "registration_token": _registering(400, _("The token that the LMS gave is not one that can be sent back.")),
    "registration_unavailable": _registering(502, _("The LMS did not answer when Reflect asked to be registered.")),
    "registration_refused": _registering(502, _("The LMS does not want to register Reflect.")),
    "registration_malformed": _registering(502, _("The LMS’s answer does not say who Reflect is to it.")),
    **FAULTS,
}  # fmt: skip

OF_STATE = frozenset(("checkin_open", "checkin_closed", *CHECKIN_WORDINGS))
"""Refusals because of what became of a check-in: no other browser and no new launch would change them."""

ANSWER_FAULTS = frozenset(
    (
        *("choice_missing", "question_changed", "word_missing", "word_too_long", "word_unprintable"),
        *("note_too_long", "note_unprintable"),
    )
)
"""Refusals of an answer that the question's own page tells."""
