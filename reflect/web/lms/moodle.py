"""Moodle, in the words of its administration pages."""

from urllib.parse import urlsplit

from reflect.lti import Platform
from reflect.lti.service_refusals import ServiceRefused
from reflect.web.language import marked as _
from reflect.web.lms.form import GROUPS, HISTORY, KEYS, LAUNCH, LOGIN, TOOL, Entry, Form

FORM = Form(
    name="Moodle",
    way_there=(
        _("Open Site administration → Plugins → External tool → Manage tools."),
        _("Below “Add tool”, follow the link “configure a tool manually”."),
        _("Set “LTI version” first: it decides which other fields there are."),
    ),
    entries=(
        Entry(_("Tool name"), "Reflect", hint=_("What teachers read in the activity chooser.")),
        Entry(_("Tool URL"), TOOL),
        Entry(_("LTI version"), "LTI 1.3", is_choice=True),
        Entry(_("Public key type"), "Keyset URL", is_choice=True),
        Entry(_("Public keyset"), KEYS),
        Entry(_("Initiate login URL"), LOGIN),
        Entry(_("Redirection URI(s)"), LAUNCH),
        Entry(
            _("Custom parameters"),
            f"{HISTORY}\n{GROUPS}",
            hint=_("Two lines: they tell Reflect when a course is a copy of another, and who is in which group."),
        ),
        Entry(_("Tool configuration usage"), "Show in activity chooser and as a preconfigured tool", is_choice=True),
        Entry(_("Default launch container"), "Embed, without blocks", is_choice=True),
        Entry(_("Supports Deep Linking (Content-Item Message)"), _("tick it"), is_choice=True),
        Entry(
            _("IMS LTI Assignment and Grade Services"),
            "Use this service for grade sync and column management",
            is_choice=True,
            hint=_("Only if teachers want marks for taking part. What somebody felt is never sent."),
        ),
        Entry(
            _("IMS LTI Names and Role Provisioning"),
            "Use this service to retrieve members' information as per privacy settings",
            is_choice=True,
            hint=_("So that teachers see who has not answered yet."),
        ),
        Entry(_("Share launcher's name with tool"), "Always", is_choice=True),
        Entry(_("Share launcher's email with tool"), "Never", is_choice=True, hint=_("Reflect has no use for it.")),
    ),
    way_back=(
        _("Press “Save changes”. Moodle goes back to Manage tools."),
        _("On Reflect’s card, click the magnifier “View configuration details”."),
    ),
    reads={
        "issuer": _("Platform ID"),
        "client_id": _("Client ID"),
        "deployment_id": _("Deployment ID"),
        "keyset_url": _("Public keyset URL"),
        "token_url": _("Access token URL"),
        "auth_url": _("Authentication request URL"),
    },
    trial=(
        _("Open a course of yours in Moodle and switch “Edit mode” on."),
        _("Choose “Add an activity or resource” and pick Reflect. Give it a name."),
        _("Press “Save and display”."),
    ),
    site_label=_("Your Moodle’s address"),
    registers_itself=_("Site administration → Plugins → External tool → Manage tools, field “Tool URL...”"),
)


def could_not_look(refused: ServiceRefused, platform: Platform) -> bool:
    """Whether this is a Moodle that could not fetch our keys: it answers with a page of status 404."""
    return refused.code == "not_found" and urlsplit(platform.token_url).path.endswith("/mod/lti/token.php")
