"""Every address of the app on one screen."""

from starlette.routing import BaseRoute, Mount, Route

from reflect.files import STATIC
from reflect.web import (
    answers,
    autosaves,
    checkins,
    closures,
    copies,
    courses,
    deep_links,
    dynamic_registrations,
    groups,
    health,
    home,
    keys,
    launches,
    lives,
    logins,
    openings,
    proofs,
    results,
    rosters,
    series,
    sessions,
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
    Route("/courses/{course_id:int}/autosaves", autosaves.create, methods=["POST"], name="checkins.autosaves.create"),
    Route("/courses/{course_id:int}/archivals", lives.archived, name="archivals.index"),
    Route("/courses/{course_id:int}/series", series.index, name="series.index"),
    Route("/courses/{course_id:int}/series/{series_id:int}/edit", series.edit, name="series.edit"),
    Route("/courses/{course_id:int}/series/{series_id:int}", series.update, methods=["POST"], name="series.update"),
    Route(
        "/courses/{course_id:int}/series/{series_id:int}/pauses", series.pause, methods=["POST"], name="series.pause"
    ),
    Route(
        "/courses/{course_id:int}/series/{series_id:int}/pauses/end",
        series.resume,
        methods=["POST"],
        name="series.resume",
    ),
    Route("/courses/{course_id:int}/series/{series_id:int}/endings", series.end, methods=["POST"], name="series.end"),
    Route("/checkins/{checkin_id:int}/edit", checkins.edit, name="checkins.edit"),
    Route("/checkins/{checkin_id:int}", checkins.update, methods=["POST"], name="checkins.update"),
    Route("/checkins/{checkin_id:int}/autosaves", autosaves.update, methods=["POST"], name="checkins.autosaves.update"),
    Route("/checkins/{checkin_id:int}/duplicates", lives.duplicate, methods=["POST"], name="duplicates.create"),
    Route("/checkins/{checkin_id:int}/reopenings", lives.reopen, methods=["POST"], name="reopenings.create"),
    Route("/checkins/{checkin_id:int}/archivals", lives.archive, methods=["POST"], name="archivals.create"),
    Route("/checkins/{checkin_id:int}/archivals/end", lives.unarchive, methods=["POST"], name="archivals.destroy"),
    Route("/checkins/{checkin_id:int}/deletions", lives.delete, methods=["POST"], name="deletions.create"),
    Route("/checkins/{checkin_id:int}/deletions/end", lives.undelete, methods=["POST"], name="deletions.destroy"),
    Route("/courses/{course_id:int}/copies", copies.create, methods=["POST"], name="copies.create"),
    Route("/courses/{course_id:int}/groups", groups.index, name="groups.index"),
    Route("/courses/{course_id:int}/groups/{group_id:int}", groups.update, methods=["POST"], name="groups.update"),
    Route("/courses/{course_id:int}/rosters", rosters.create, methods=["POST"], name="rosters.create"),
    Route("/deep-links/new", deep_links.new, name="deep_links.new"),
    Route("/deep-links", deep_links.create, methods=["POST"], name="deep_links.create"),
    Route("/checkins/{checkin_id:int}/answers/edit", answers.edit, name="answers.edit"),
    Route("/checkins/{checkin_id:int}/openings", openings.create, methods=["POST"], name="openings.create"),
    Route("/checkins/{checkin_id:int}/closures", closures.create, methods=["POST"], name="closures.create"),
    Route("/sessions/end", sessions.destroy, methods=["POST"], name="sessions.destroy"),
    *PORTAL,
    Route("/health/live", health.live, name="health.live"),
    Route("/health/ready", health.ready, name="health.ready"),
    Mount("/static", FingerprintedFiles(directory=STATIC), name="static"),
]

FROM_PLATFORMS = ("/lti/login", "/lti/launch")
"""Addresses that platforms post to from their own sites; `state` protects them."""
