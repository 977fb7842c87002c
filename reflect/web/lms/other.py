"""An LMS that we do not know by name."""

from reflect.web.language import marked as _
from reflect.web.lms.form import HISTORY, KEYS, LAUNCH, LOGIN, TOOL, TRIAL, Entry, Form

FORM = Form(
    name=_("Another LMS"),
    way_there=(_("Open the page of your LMS on which an administrator adds an LTI 1.3 tool."),),
    entries=(
        Entry(_("Tool URL (target link URI)"), TOOL),
        Entry(_("Initiate login URL"), LOGIN),
        Entry(_("Redirection URI"), LAUNCH),
        Entry(_("Public keyset URL (JWKS)"), KEYS),
        Entry(_("Custom parameters"), HISTORY),
    ),
    way_back=(_("Save there. The LMS now shows who it is, and who Reflect is to it."),),
    reads={
        "issuer": _("Issuer (platform ID)"),
        "client_id": _("Client ID"),
        "keyset_url": _("Public keyset URL"),
        "auth_url": _("Authentication request URL"),
        "deployment_id": _("Deployment ID"),
        "token_url": _("Access token URL"),
    },
    trial=TRIAL,
    registers_itself=_("the page on which your LMS takes the address of a tool for dynamic registration"),
)
