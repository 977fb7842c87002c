"""Schoology, in the words of its administration pages."""

from reflect.web.language import marked as _
from reflect.web.lms.form import KEYS, LAUNCH, LOGIN, TOOL, TRIAL, Entry, Form

FORM = Form(
    name="Schoology",
    way_there=(
        _("Open App Center → Organization Apps → Add App."),
        _("As “Type of App”, choose “LTI 1.3 App”."),
    ),
    entries=(
        Entry(_("Privacy"), _("Send name"), is_choice=True),
        Entry(_("Deep Linking"), _("tick it"), is_choice=True),
        Entry(_("Assignments and Grade Services"), _("tick it"), is_choice=True),
        Entry(_("Names and Roles Services"), _("tick it"), is_choice=True),
        Entry(_("JWKS URL"), KEYS),
        Entry(_("Domain/URL"), TOOL),
        Entry(_("Public key type"), "Keyset URL", is_choice=True),
        Entry(_("OIDC Login Init URL"), LOGIN),
        Entry(_("Redirect URLs"), LAUNCH),
    ),
    way_back=(
        _("Submit, then choose “Install LTI 1.3 App” and “Add to Organization”."),
        _("In the list of apps, Options → API Info shows the client id; Configure shows the deployment id."),
    ),
    reads={
        "client_id": _("Client ID"),
        "deployment_id": _("Deployment ID"),
        "issuer": _("Issuer"),
        "keyset_url": _("JWKS URL"),
        "auth_url": _("OIDC Authorization Endpoint"),
        "token_url": _("OAuth 2 Access Token Endpoint"),
    },
    trial=TRIAL,
)
