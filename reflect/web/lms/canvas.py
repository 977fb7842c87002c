"""Canvas, in the words of its administration pages."""

from reflect.web.language import marked as _
from reflect.web.lms.form import HISTORY, KEYS, LAUNCH, LOGIN, TOOL, TRIAL, Entry, Form

FORM = Form(
    name="Canvas",
    way_there=(
        _("Open Admin → Developer Keys → + Developer Key → + LTI Key."),
        _("Under “Method”, choose “Manual Entry”."),
    ),
    entries=(
        Entry(_("Key Name"), "Reflect"),
        Entry(_("Redirect URIs"), LAUNCH),
        Entry(_("Title"), "Reflect"),
        Entry(_("Description"), _("Wellbeing check-ins")),
        Entry(_("Target Link URI"), TOOL),
        Entry(_("OpenID Connect Initiation Url"), LOGIN),
        Entry(_("JWK Method"), "Public JWK URL", is_choice=True),
        Entry(_("Public JWK URL"), KEYS),
        Entry(
            _("LTI Advantage Services"),
            "Can create and view assignment data in the gradebook associated with the tool.\n"
            "Can view assignment data in the gradebook associated with the tool.\n"
            "Can create and update submission results for assignments associated with the tool.",
            is_choice=True,
            hint=_("Only if teachers want marks for taking part. What somebody felt is never sent."),
        ),
        Entry(
            _("LTI Advantage Services"),
            "Can retrieve user data associated with the context the tool is installed in.",
            is_choice=True,
            hint=_("So that teachers see who has not answered yet."),
        ),
        Entry(_("Custom Fields"), HISTORY),
        Entry(_("Privacy Level"), "Public", is_choice=True, hint=_("So that people’s names come along.")),
        Entry(
            _("Placements"),
            "Link Selection: LtiDeepLinkingRequest\n"
            "Assignment Selection: LtiDeepLinkingRequest\n"
            "Course Navigation: LtiResourceLinkRequest",
            is_choice=True,
            hint=_("Remove any other placement. The message type of each is chosen below its name."),
        ),
    ),
    way_back=(
        _("Save, and set the key’s State to ON. Its number under “Details” is the client id."),
        _("Open Settings → Apps → + App, choose “By Client ID” and enter that number."),
        _("In the app’s gear menu, “Deployment Id” shows the deployment id."),
    ),
    reads={
        "client_id": _("Client ID"),
        "deployment_id": _("Deployment ID"),
        "issuer": _("Issuer"),
        "keyset_url": _("Public JWK URL"),
        "auth_url": _("Authorization redirect URL"),
        "token_url": _("Access token URL"),
    },
    trial=TRIAL,
    registers_itself=_("Admin → Apps → Manage → Install a New App → LTI Registration"),
)
