"""Blackboard, in the words of its administration pages."""

from reflect.web.language import marked as _
from reflect.web.lms.form import HISTORY, KEYS, LAUNCH, LOGIN, TRIAL, Entry, Form

FORM = Form(
    name="Blackboard",
    way_there=(
        _("Sign in at developer.blackboard.com and register a new application."),
        _("Switch on “My integration supports LTI 1.3”."),
    ),
    entries=(
        Entry(_("Application Name"), "Reflect"),
        Entry(_("Description"), _("Wellbeing check-ins")),
        Entry(_("Domain(s)"), "{host}"),
        Entry(_("Login Initiation URL"), LOGIN),
        Entry(_("Tool Redirect URL(s)"), LAUNCH),
        Entry(_("Tool JWKS URL"), KEYS),
        Entry(_("Signing Algorithm"), "RS256", is_choice=True),
        Entry(_("Custom Parameters"), HISTORY),
    ),
    way_back=(
        _("Register the application; copy what the page shows before you leave it."),
        _("In Blackboard, open System Admin → LTI Tool Providers → Register LTI 1.3/Advantage Tool."),
        _("Enter the Application ID as client id, approve the tool, and copy its Deployment ID."),
        _(
            "On the same page, tick “Role in Course” and “Name”, and choose “Yes” for “Allow grade service access” and "
            "“Allow Membership Service Access”."
        ),
    ),
    reads={
        "client_id": _("Application ID"),
        "issuer": _("Issuer"),
        "keyset_url": _("Public keyset URL"),
        "token_url": _("Auth token endpoint"),
        "auth_url": _("OIDC auth request endpoint"),
        "deployment_id": _("Deployment ID"),
    },
    trial=TRIAL,
)
