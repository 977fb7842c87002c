"""What the check of a browser says: one verdict, a line for each check, and the steps for a browser."""

from collections.abc import Mapping
from typing import Any

from reflect.domain.browsers import FAMILIES
from reflect.domain.diagnostics import Diagnosis, Light, Verdict
from reflect.web.language import language
from reflect.web.language import marked as _

_NOT_FOUND_OUT = _("This could not be checked.")
_SPARE = _("Not available. Reflect does not need it, so there is nothing to do.")
_OFF = _("It is off by more than two minutes. Let this device set its clock by itself.")
_PLACES = {
    "used": _("Kept. Reflect uses this."),
    "kept": _("Kept."),
    "spared": _("Not kept. Reflect uses something else, so there is nothing to do."),
    "lost": _("Not kept."),
    "unknown": _NOT_FOUND_OUT,
}
_LENT = _("Keep the tab of your course open while you use Reflect.")
_SIGN_IN_THERE = _("Sign in to your learning platform there, and open Reflect from your course.")

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.USABLE: (_("You can use Reflect here"), _("This browser keeps what Reflect needs.")),
    Verdict.FORGETFUL: (
        _("You can use Reflect here"),
        _(
            "Do not reload the page: your browser keeps nothing by itself. If you did, open Reflect from your course "
            "again."
        ),
    ),
    Verdict.LENT: (_("You can use Reflect here"), _LENT),
    Verdict.NEW_TAB: (
        _("Open Reflect in a new tab"),
        _("Inside this frame your browser keeps nothing for Reflect. In a tab of its own it may."),
    ),
    Verdict.BLOCKED: (
        _("Allow cookies for this site"),
        _("Your browser keeps nothing for Reflect, so Reflect cannot know that it is still you."),
    ),
    Verdict.UNSURE: (_("Check again"), _("Too little could be found out.")),
}
LIGHTS: Mapping[Light, str] = {
    Light.FINE: _("Fine"),
    Light.NOTE: _("Worth knowing"),
    Light.PROBLEM: _("Problem"),
    Light.UNKNOWN: _("Not checked"),
}
CHECKS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "script": (
        _("JavaScript"),
        {
            "on": _("It runs."),
            "off": _("It is off. Reflect works without it where cookies are kept."),
            "unknown": _NOT_FOUND_OUT,
        },
    ),
    "place": (
        _("Frame or window"),
        {
            "frame": _("Reflect stands in a page of another site."),
            "window": _("Reflect has a window of its own."),
            "unknown": _NOT_FOUND_OUT,
        },
    ),
    "cookie": (_("Cookies"), _PLACES),
    "partitioned": (_("Partitioned cookies"), _PLACES),
    "session": (_("Memory of this tab"), {**_PLACES, "lent": _LENT}),
    "platform": (
        _("Memory of the learning platform"),
        {
            **_PLACES,
            "lost": _("Your learning platform did not answer."),
            "unknown": _("Not asked. Only a launch that offers it can be checked."),
        },
    ),
    "access": (
        _("Storage Access API"),
        {
            "open": _("Allowed."),
            "closed": _SPARE,
            "absent": _SPARE,
            "unknown": _NOT_FOUND_OUT,
        },
    ),
    "window": (
        _("New windows"),
        {
            "opened": _("A new window opened."),
            "blocked": _("It was blocked. Allow pop-ups for this site in your browser."),
            "unknown": _("Not tried. Reflect opens none by itself."),
        },
    ),
    "clock": (
        _("Clock"),
        {
            "right": _("It agrees with Reflect’s."),
            "fast": _OFF,
            "slow": _OFF,
            "unknown": _NOT_FOUND_OUT,
        },
    ),
    "network": (
        _("Local network"),
        {
            "public": _("Reflect has a public address, so there is nothing to do."),
            "private": _(
                "Reflect’s address is on a private network. If the browser asks whether your learning platform may "
                "reach the local network, allow it."
            ),
            "unknown": _NOT_FOUND_OUT,
        },
    ),
}

STEPS: Mapping[str, tuple[str, ...]] = {
    "chrome": (
        _("Press the eye in the address bar, and allow third-party cookies."),
        _(
            "If no site may keep anything: Settings → Privacy and security → Site settings → "
            "Additional content settings → On-device site data."
        ),
        _(
            "In an Incognito window: switch off “Block third-party cookies” on its first page, "
            "or use an ordinary window."
        ),
    ),
    "edge": (
        _("Settings → Privacy, search, and services → Tracking prevention: choose “Balanced”."),
        _("Settings → Privacy, search, and services → Cookies: switch off “Block third-party cookies”."),
        _("In an InPrivate window everything is stricter: use an ordinary window."),
    ),
    "firefox": (
        _("Press the shield in the address bar, and switch off Enhanced Tracking Protection for this site."),
        _("Or: Settings → Privacy & Security: choose “Standard”, or add this site under “Manage Exceptions”."),
    ),
    "safari": (
        _("Safari → Settings → Advanced: switch off “Block all cookies”. In older versions it is under Privacy."),
        _("Safari → Settings → Privacy: switch off “Prevent cross-site tracking”."),
    ),
    "safari_touch": (
        _("Settings → Apps → Safari → Advanced: switch off “Block All Cookies”."),
        _("Settings → Apps → Safari: switch off “Prevent Cross-Site Tracking”."),
    ),
    "other_touch": (_("Settings → Apps → your browser: switch on “Allow Cross-Website Tracking”."),),
    "in_app": (
        _("This page stands inside another app. Open the app’s menu, and choose “Open in browser”."),
        _SIGN_IN_THERE,
    ),
    "moodle_app": (
        _("In the Moodle app, open the menu of the activity, and choose “Open in browser”."),
        _SIGN_IN_THERE,
    ),
    "other": (_("Look in the settings of your browser for cookies or site data, and allow them for this site."),),
}
NAMES: Mapping[str, str] = {
    "chrome": "Chrome",
    "edge": "Edge",
    "firefox": "Firefox",
    "safari": _("Safari on a Mac"),
    "safari_touch": _("Safari on an iPad or iPhone"),
    "other_touch": _("Another browser on an iPad or iPhone"),
    "in_app": _("A page inside another app"),
    "moodle_app": _("The Moodle app"),
    "other": _("Another browser"),
}


def card(diagnosis: Diagnosis, tag: str, wanted: str = "") -> dict[str, Any]:
    """What the templates show, with the steps for the browser that is wanted, or else for the one that was met."""
    say = language(tag).gettext
    verdict, browser = diagnosis.verdict, diagnosis.browser
    family = wanted if wanted in FAMILIES else browser.family
    heading, sentence = VERDICTS[verdict]
    return {
        "verdict": verdict.value,
        "heading": say(heading),
        "sentence": say(sentence),
        "needs_steps": verdict in {Verdict.NEW_TAB, Verdict.BLOCKED, Verdict.FORGETFUL},
        "lines": [_line(line.check, line.light, line.meaning, tag) for line in diagnosis.lines],
        "code": diagnosis.code,
        "browser": f"{say(NAMES[browser.family])} {browser.major or ''}".strip(),
        "family": family,
        "steps": [say(step) for step in STEPS[family]],
        "families": [(key, say(name)) for key, name in NAMES.items()],
    }


def _line(check: str, light: Light, meaning: str, tag: str) -> dict[str, str]:
    say, (name, meanings) = language(tag).gettext, CHECKS[check]
    return {
        "check": check,
        "name": say(name),
        "light": light.value,
        "word": say(LIGHTS[light]),
        "meaning": say(meanings[meaning]),
    }
