"""The audit log, to be read."""

from starlette.requests import Request
from starlette.responses import Response

from reflect.domain import audit
from reflect.domain.audit import FROM_SHELL
from reflect.web.admin.visits import render, say, visit
from reflect.web.language import marked as _

ACTIONS = {
    "admin_invited": _("invited as an administrator"),
    "leader_invited": _("invited as a leader"),
    "leader_removed": _("removed from the leaders"),
    "insights_opened": _("looked at the insights"),
    "term_added": _("named a term"),
    "term_removed": _("removed a term"),
    "admin_signed_in": _("signed in"),
    "admin_session_ended": _("session ended"),
    "admin_removed": _("removed from the administrators"),
    "registration_invited": _("made an address for dynamic registration"),
    "registration_invitation_withdrawn": _("took back an address for dynamic registration"),
    "registration_added": _("added a registration"),
    "registration_registered_itself": _("registered itself"),
    "registration_registered_again": _("registered itself again"),
    "registration_changed": _("changed a registration"),
    "service_hosts_changed": _("listed the further hosts of services of"),
    "registration_disabled": _("switched a registration off"),
    "person_erased": _("erased a person"),
    "person_unlinked": _("undid the link of a person"),
    "purged": _("deleted what was over"),
    "backup_restored": _("restored a backup"),
    "secret_changed": _("changed the secret"),
    "registration_enabled": _("switched a registration on"),
    "key_rotated": _("made a new key"),
    "key_revoked": _("revoked a key"),
    "deployment_added": _("added a deployment"),
    "deployment_approved": _("approved a deployment"),
    "deployment_rejected": _("rejected a deployment"),
    "anonymous_allowed": _("allowed launches without a person"),
    "api_key_made": _("made an API key"),
    "api_key_revoked": _("revoked an API key"),
    "history_imported": _("imported a history"),
    "api_read": _("read answers"),
    "staffed_hours_changed": _("changed when adults are there"),
    "crisis_line_added": _("added a crisis line"),
    "crisis_line_removed": _("removed a crisis line"),
    "anonymous_refused": _("refused launches without a person"),
}


async def index(request: Request) -> Response:
    """What was done last, newest first."""
    admin, entries = await visit(request, lambda db, _admin: audit.newest(db))
    shell = say(request, _("Reflect itself, or the command line"))
    rows = [
        {
            "at": entry.at,
            "actor": shell if entry.actor == FROM_SHELL else entry.actor,
            "action": say(request, ACTIONS.get(entry.action, entry.action)),
            "about": entry.about,
        }
        for entry in entries
    ]
    return render(request, "admin/audit/index.html", admin, entries=rows)
