"""Brightspace, in the words of its administration pages."""

from reflect.web.language import marked as _
from reflect.web.lms.form import KEYS, LAUNCH, LOGIN, TOOL, TRIAL, Entry, Form

FORM = Form(
    name="Brightspace",
    way_there=(
        _("Open Admin Tools → Manage Extensibility → LTI Advantage."),
        _("Choose “Register Tool”, then “Standard”."),
    ),
    entries=(
        Entry(_("Name"), "Reflect"),
        Entry(_("Description"), _("Wellbeing check-ins")),
        Entry(_("Domain"), "{base}"),
        Entry(_("Redirect URLs"), LAUNCH),
        Entry(_("OpenID Connect Login URL"), LOGIN),
        Entry(_("Target Link URI"), TOOL),
        Entry(_("Keyset URL"), KEYS),
        Entry(
            _("Extensions"),
            _("Assignment and Grade Services, Deep Linking, Names and Role Provisioning Services"),
            is_choice=True,
        ),
    ),
    way_back=(
        _("Press “Register”. Brightspace shows the values below at once."),
        _("Then choose “View Deployments” → “New Deployment”: it gives you the deployment id."),
        _("In the deployment’s security settings leave “Anonymous” off, so that names come along."),
    ),
    reads={
        "client_id": _("Client Id"),
        "keyset_url": _("Brightspace Keyset URL"),
        "auth_url": _("OpenID Connect Authentication Endpoint"),
        "token_url": _("Brightspace OAuth2 Access Token URL"),
        "token_audience": _("Brightspace OAuth2 Audience"),
        "issuer": _("Issuer"),
        "deployment_id": _("Deployment Id"),
    },
    trial=TRIAL,
    site_label=_("Your Brightspace’s address"),
    registers_itself=_("Admin Tools → Manage Extensibility → LTI Advantage → Register Tool → Dynamic"),
)
