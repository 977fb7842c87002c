"""Every address of the app on one screen."""

from starlette.routing import BaseRoute, Mount, Route

from reflect.files import STATIC
from reflect.web import (
    answers,
    breaks,
    checkins,
    closures,
    copies,
    courses,
    deep_links,
    dynamic_registrations,
    erasures,
    exports,
    groups,
    health,
    home,
    keys,
    launches,
    logins,
    openings,
    own_questions,
    proofs,
    questions,
    reflections,
    results,
    rosters,
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
    Route("/questions", questions.index, name="questions.index"),
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
    Route("/courses/{course_id:int}/breaks", breaks.index, name="breaks.index"),
    Route("/courses/{course_id:int}/breaks/{key}", breaks.show, name="breaks.show"),
    Route("/courses/{course_id:int}/reflections", reflections.index, name="reflections.index"),
    Route("/courses/{course_id:int}/exports/my-reflections.{kind}", exports.show, name="exports.show"),
    Route("/courses/{course_id:int}/erasures/new", erasures.new, name="erasures.new"),
    Route("/courses/{course_id:int}/erasures", erasures.create, methods=["POST"], name="erasures.create"),
    Route("/courses/{course_id:int}/questions", own_questions.index, methods=["GET"], name="own_questions.index"),
    Route("/courses/{course_id:int}/questions", own_questions.create, methods=["POST"], name="own_questions.create"),
    Route(
        "/courses/{course_id:int}/questions/{question_id:int}/deletions",
        own_questions.destroy,
        methods=["POST"],
        name="own_questions.destroy",
    ),
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
