"""Every address of the app on one screen."""

from starlette.routing import BaseRoute, Mount, Route

from reflect.files import STATIC
from reflect.web import (
    answers,
    changes,
    checkins,
    closures,
    copies,
    courses,
    deep_links,
    dynamic_registrations,
    groups,
    guest_closures,
    guest_openings,
    guests,
    health,
    home,
    keys,
    launches,
    logins,
    openings,
    presentations,
    proofs,
    responses,
    results,
    rosters,
    sessions,
    shares,
)
from reflect.web.admin.routes import ROUTES as PORTAL
from reflect.web.static import FingerprintedFiles

ROUTES: list[BaseRoute] = [
    # The table is searched from the top: what a class does all at once comes first.
    Route("/lti/login", logins.create, methods=["GET", "POST"], name="login"),
    Route("/lti/launch", launches.create, methods=["POST"], name="launch"),
    Route("/checkins/{checkin_id:int}", checkins.show, name="checkins.show"),
    Route("/checkins/{checkin_id:int}/answers", answers.create, methods=["POST"], name="answers.create"),
    Route("/checkins/{checkin_id:int}/results", results.show, name="results.show"),
    Route("/courses/{course_id:int}", courses.show, name="courses.show"),
    Route("/", home.show, name="home"),
    Route("/privacy", home.privacy, name="privacy"),
    Route("/app", home.app, name="app"),
    Route("/lti/launch", launches.explain, methods=["GET"]),
    Route("/lti/proofs", proofs.create, methods=["POST"], name="proofs"),
    Route("/lti/register", dynamic_registrations.new, methods=["GET"], name="dynamic_registrations.new"),
    Route("/lti/register", dynamic_registrations.create, methods=["POST"], name="dynamic_registrations.create"),
    Route("/lti/keys", keys.index, name="keys"),
    Route("/courses/{course_id:int}/checkins/new", checkins.new, name="checkins.new"),
    Route("/courses/{course_id:int}/checkins", checkins.create, methods=["POST"], name="checkins.create"),
    Route("/courses/{course_id:int}/copies", copies.create, methods=["POST"], name="copies.create"),
    Route("/courses/{course_id:int}/groups", groups.index, name="groups.index"),
    Route("/courses/{course_id:int}/groups/{group_id:int}", groups.update, methods=["POST"], name="groups.update"),
    Route("/courses/{course_id:int}/rosters", rosters.create, methods=["POST"], name="rosters.create"),
    Route("/deep-links/new", deep_links.new, name="deep_links.new"),
    Route("/deep-links", deep_links.create, methods=["POST"], name="deep_links.create"),
    Route("/checkins/{checkin_id:int}/answers/edit", answers.edit, name="answers.edit"),
    Route("/checkins/{checkin_id:int}/openings", openings.create, methods=["POST"], name="openings.create"),
    Route("/checkins/{checkin_id:int}/closures", closures.create, methods=["POST"], name="closures.create"),
    Route("/checkins/{checkin_id:int}/shares", shares.index, name="shares.index"),
    Route(
        "/checkins/{checkin_id:int}/guest-openings",
        guest_openings.create,
        methods=["POST"],
        name="guest_openings.create",
    ),
    Route(
        "/checkins/{checkin_id:int}/guest-closures",
        guest_closures.create,
        methods=["POST"],
        name="guest_closures.create",
    ),
    Route("/checkins/{checkin_id:int}/presentations", presentations.show, name="presentations.show"),
    Route("/checkins/{checkin_id:int}/responses", responses.index, name="responses.index"),
    Route(
        "/checkins/{checkin_id:int}/responses/{person_id:int}",
        responses.create,
        methods=["POST"],
        name="responses.create",
    ),
    Route("/checkins/{checkin_id:int}/changes", changes.edit, methods=["GET"], name="changes.edit"),
    Route("/checkins/{checkin_id:int}/changes", changes.update, methods=["POST"], name="changes.update"),
    Route("/c/{code}", guests.show, methods=["GET"], name="guests.show"),
    Route("/c/{code}", guests.create, methods=["POST"]),
    Route("/c/{code}/thanks", guests.thanks, name="guests.thanks"),
    Route("/sessions/end", sessions.destroy, methods=["POST"], name="sessions.destroy"),
    *PORTAL,
    Route("/health/live", health.live, name="health.live"),
    Route("/health/ready", health.ready, name="health.ready"),
    Mount("/static", FingerprintedFiles(directory=STATIC), name="static"),
]

FROM_PLATFORMS = ("/lti/login", "/lti/launch")
"""Addresses that platforms post to from their own sites; `state` protects them."""
