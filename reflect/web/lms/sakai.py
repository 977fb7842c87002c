"""Sakai, in the words of its administration pages."""

from reflect.web.language import marked as _
from reflect.web.lms.form import HISTORY, KEYS, LAUNCH, LOGIN, TOOL, TRIAL, Entry, Form

FORM = Form(
    name="Sakai",
    way_there=(
        _("Open Administration Workspace → External Tools → Install LTI 1.x Tool."),
        _("Select “Tool supports LTI 1.3”."),
    ),
    entries=(
        Entry(_("Tool Title"), "Reflect"),
        Entry(_("Launch URL"), TOOL),
        Entry(_("Send Names to External Tool"), _("tick it"), is_choice=True),
        Entry(
            _("Allow External Tool to return grades"),
            _("tick it"),
            is_choice=True,
            hint=_("Only if teachers want marks for taking part. What somebody felt is never sent."),
        ),
        Entry(
            _("Allow External Tool to create grade columns"),
            _("tick it"),
            is_choice=True,
            hint=_("Only if teachers want marks for taking part. What somebody felt is never sent."),
        ),
        Entry(
            _("Provide Roster to External Tool"),
            _("tick it"),
            is_choice=True,
            hint=_("So that teachers see who has not answered yet."),
        ),
        Entry(_("LTI 1.3 Tool Keyset URL"), KEYS),
        Entry(_("LTI 1.3 Tool OpenID Connect/Initialization Endpoint"), LOGIN),
        Entry(_("LTI 1.3 Tool Redirect Endpoint"), LAUNCH),
        Entry(_("Custom Parameters"), HISTORY),
    ),
    way_back=(_("Save, and click the tool in the list: its page shows the values below."),),
    reads={
        "issuer": _("LTI 1.3 Platform Issuer"),
        "client_id": _("LTI 1.3 Client ID"),
        "deployment_id": _("LTI 1.3 Deployment ID"),
        "auth_url": _("LTI 1.3 Platform OIDC Authentication URL"),
        "token_url": _("LTI 1.3 Platform OAuth2 Bearer Token Retrieval URL"),
        "keyset_url": _("LTI 1.3 Platform OAuth2 Well-Known/KeySet URL"),
    },
    trial=TRIAL,
    site_label=_("Your Sakai’s address"),
    registers_itself=_("Administration Workspace → External Tools → LTI Advantage Auto Provision"),
)
