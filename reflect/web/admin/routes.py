"""Every address of the registration portal."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reflect.web.admin import (
    admins,
    api_keys,
    audit,
    checks,
    closures,
    connections,
    deployments,
    diagnostics,
    drafts,
    insights,
    invitations,
    keys,
    launches,
    oidc,
    openings,
    registrations,
    sessions,
    support,
    terms,
)
from reflect.web.admin.visits import lead_to, visit

ONE, DRAFT = "/admin/registrations/{registration_id:int}", "/admin/drafts/{draft_id:int}"
DEPLOYMENT = f"{ONE}/deployments/{{deployment_id:int}}"
POST = ["POST"]


async def _home(request: Request) -> Response:
    admin, _ = await visit(request, lambda _db, _admin: None, for_leaders=True)
    return lead_to(request, "admin.insights" if admin.is_leader else "admin.registrations")


ROUTES: list[BaseRoute] = [
    Route("/admin", _home, name="admin"),
    Route("/admin/sign-in", sessions.new, name="admin.sign_in"),
    Route("/admin/sessions", sessions.create, methods=POST, name="admin.sessions.create"),
    Route("/admin/sessions/end", sessions.destroy, methods=POST, name="admin.sessions.destroy"),
    Route("/admin/sessions/{session_id:int}/revocations", sessions.revoke, methods=POST, name="admin.sessions.revoke"),
    Route("/admin/oidc/new", oidc.new, name="admin.oidc.new"),
    Route("/admin/oidc/callback", oidc.create, name="admin.oidc.create"),
    Route("/admin/admins", admins.index, methods=["GET"], name="admin.admins"),
    Route("/admin/admins", admins.create, methods=POST, name="admin.admins.create"),
    Route("/admin/admins/{admin_id:int}/removals", admins.destroy, methods=POST, name="admin.admins.destroy"),
    Route("/admin/api-keys", api_keys.index, methods=["GET"], name="admin.api_keys"),
    Route("/admin/api-keys", api_keys.create, methods=POST, name="admin.api_keys.create"),
    Route("/admin/api-keys/{key_id:int}/revocations", api_keys.destroy, methods=POST, name="admin.api_keys.destroy"),
    Route("/admin/audit", audit.index, name="admin.audit"),
    Route("/admin/diagnostics", diagnostics.index, name="admin.diagnostics"),
    Route("/admin/insights", insights.index, name="admin.insights"),
    Route("/admin/insights/courses", insights.courses, name="admin.insights.courses"),
    Route("/admin/insights/courses/{course_id:int}", insights.show, name="admin.insights.course"),
    Route("/admin/terms", terms.index, methods=["GET"], name="admin.terms"),
    Route("/admin/terms", terms.create, methods=POST, name="admin.terms.create"),
    Route("/admin/terms/{term_id:int}/removals", terms.destroy, methods=POST, name="admin.terms.destroy"),
    Route("/admin/support", support.index, methods=["GET"], name="admin.support"),
    Route("/admin/support", support.update, methods=POST, name="admin.support.update"),
    Route("/admin/crisis-lines", support.create, methods=POST, name="admin.crisis_lines.create"),
    Route(
        "/admin/crisis-lines/{line_id:int}/removals", support.destroy, methods=POST, name="admin.crisis_lines.destroy"
    ),
    Route("/admin/registrations", registrations.index, name="admin.registrations"),
    Route("/admin/registrations/new", drafts.new, name="admin.drafts.new"),
    Route("/admin/drafts", drafts.create, methods=POST, name="admin.drafts.create"),
    Route(f"{DRAFT}/checks/{{field}}", checks.create, methods=POST, name="admin.checks.create"),
    Route(f"{DRAFT}/derivations", drafts.derive, methods=POST, name="admin.drafts.derive"),
    Route(f"{DRAFT}/removals", drafts.destroy, methods=POST, name="admin.drafts.destroy"),
    Route(f"{DRAFT}/{{step}}", drafts.edit, methods=["GET"], name="admin.draft"),
    Route(f"{DRAFT}/{{step}}", drafts.update, methods=POST, name="admin.draft.update"),
    Route(ONE, registrations.show, methods=["GET"], name="admin.registration"),
    Route(ONE, registrations.update, methods=POST, name="admin.registration.update"),
    Route(f"{ONE}/edit", registrations.edit, name="admin.registration.edit"),
    Route(f"{ONE}/launches", launches.show, name="admin.launches"),
    Route(f"{ONE}/connections", connections.create, methods=POST, name="admin.connections.create"),
    Route(f"{ONE}/closures", closures.create, methods=POST, name="admin.closures.create"),
    Route(f"{ONE}/openings", openings.create, methods=POST, name="admin.openings.create"),
    Route(f"{ONE}/keys", keys.create, methods=POST, name="admin.keys.create"),
    Route(f"{ONE}/keys/{{key_id:int}}/revocations", keys.destroy, methods=POST, name="admin.keys.destroy"),
    Route(f"{ONE}/deployments", deployments.create, methods=POST, name="admin.deployments.create"),
    Route(f"{DEPLOYMENT}/approvals", deployments.approve, methods=POST, name="admin.deployments.approve"),
    Route(f"{DEPLOYMENT}/rejections", deployments.reject, methods=POST, name="admin.deployments.reject"),
    Route(f"{DEPLOYMENT}/anonymity", deployments.update, methods=POST, name="admin.deployments.update"),
    Route("/admin/invitations/new", invitations.new, name="admin.invitations.new"),
    Route("/admin/invitations", invitations.create, methods=POST, name="admin.invitations.create"),
    Route("/admin/invitations/{invitation_id}", invitations.show, name="admin.invitation"),
    Route(
        "/admin/invitations/{invitation_id}/removals",
        invitations.destroy,
        methods=POST,
        name="admin.invitations.destroy",
    ),
]
