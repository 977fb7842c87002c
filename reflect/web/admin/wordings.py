"""What the portal says of launches that were refused, and of an LMS, in the administrator's language."""

from collections.abc import Mapping

from starlette.requests import Request

from reflect.web.admin.visits import say
from reflect.web.house import house_of
from reflect.web.language import marked as _
from reflect.web.lms import FORMS
from reflect.web.refusals import WORDINGS

_CLIENT = _("Compare client id and issuer here with what the LMS shows, letter for letter.")
_KEYSET = _("Look at the keyset URL below: it must be this LMS’s own. Then run the connection test.")
_CLOCK = _("Run the connection test: it compares the clocks. Both servers should keep time by NTP.")
_FORM = _("The LMS left something out that LTI 1.3 asks for. Look for an update of the LMS, or at its tool settings.")
_TOOL_URL = _("Compare the tool URL in the LMS with the one below, letter for letter, and save it there again.")

ADVICE: Mapping[str, str] = {
    "platform_unknown": _CLIENT,
    "client_ambiguous": _("Keep one registration of this issuer: the LMS does not say which one it means."),
    "registration_off": _("Switch the registration on when you are ready."),
    "platform_refused": _(
        "Most often the redirection URI in the LMS differs from ours, be it by a slash, or the person’s session there "
        "was over."
    ),
    "issuer": _CLIENT,
    "audience": _CLIENT,
    "azp": _CLIENT,
    "mixup": _CLIENT,
    "alg": _KEYSET,
    "kid_missing": _KEYSET,
    "kid_unknown": _KEYSET,
    "signature": _KEYSET,
    "keys_unavailable": _KEYSET,
    "expired": _CLOCK,
    "iat": _CLOCK,
    "nonce": _("If it happens again, look for an update of the LMS."),
    "deployment_unknown": _("Approve it on this page if it is yours."),
    "user_missing": _(
        "Its privacy settings may hide everybody. Or allow launches without a person for this deployment."
    ),
    "target": _TOOL_URL,
    "target_mismatch": _TOOL_URL,
    "version": _("Set the tool to LTI 1.3 in the LMS."),
}


_OURS: Mapping[str, str] = {
    "deployment_unknown": _("Somebody came from a deployment that is not approved yet."),
    "platform_refused": _("The LMS did not let somebody through to Reflect."),
    "keys_unavailable": _("Reflect could not fetch the keys of the LMS to check a launch."),
    "user_missing": _("The LMS did not say who was opening Reflect."),
    "platform_unknown": _("A launch came from this LMS, but with another client id or issuer than this one has."),
}
"""Where what people are told is not what an administrator needs to hear."""


def lms_name(request: Request, lms: str) -> str:
    """What an LMS is called."""
    return say(request, FORMS[lms].name if lms in FORMS else lms)


def refusal_words(request: Request, code: str) -> dict[str, str]:
    """Why a launch was refused, and what to do about it."""
    wording = WORDINGS.get(code)
    return {
        "code": code,
        "sentence": say(request, _OURS.get(code) or (wording.sentence if wording else code)),
        "advice": say(request, ADVICE.get(code, _FORM)),
    }


def tool_entries(request: Request, lms: str) -> list[dict[str, object]]:
    """What is to be entered in the LMS's form, with this installation's own addresses."""
    base = house_of(request).settings.base_url
    facts = {"base": base, "host": base.partition("://")[2]}
    return [
        {
            "label": say(request, entry.label),
            "value": say(request, entry.value).format(**facts),
            "is_choice": entry.is_choice,
            "hint": say(request, entry.hint) if entry.hint else "",
        }
        for entry in FORMS[lms].entries
    ]
