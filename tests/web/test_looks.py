"""Looks at results that have not changed: told so before the application is asked, and never to somebody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reflect.web.house import build
from reflect.web.looks import Looks
from tests.installation import Installation
from tests.servers import listening, serving
from tests.walker import Walker, http_client
from tests.web.courses import Lesson, lesson
from tests.web.launching import assert_refused

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture(scope="module")
def held(shared: Installation) -> Iterator[Lesson]:
    yield lesson(shared)


def look(held: Lesson, who: Walker, path: str, etag: str, **headers: str) -> httpx2.Response:
    """Ask as the live part of a page does."""
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in who.cookies.items())
    asked = {"Cookie": cookies, "If-None-Match": etag, **PART, **headers}
    with http_client() as client:
        return client.get(f"{held.installation.base_url}{path}?{held.tab(who)}", headers=asked)


@pytest.mark.parametrize("rest", ["", "/results"])
def test_who_has_seen_everything_is_told_so_with_the_headers_of_every_answer(held: Lesson, rest: str) -> None:
    path = f"/checkins/{held.ask('How was it?')}{rest}"
    page = look(held, held.teacher, path, "")
    again = look(held, held.teacher, path, page.headers["etag"])
    assert (page.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == page.headers["etag"]
    assert again.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in again.headers["content-security-policy"]
    assert again.headers["x-content-type-options"] == "nosniff"


def test_an_answer_is_shown_at_the_next_look(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    etag = look(held, held.teacher, f"/checkins/{checkin_id}", "").headers["etag"]
    held.answer(checkin_id, "curious")
    page = look(held, held.teacher, f"/checkins/{checkin_id}", etag)
    assert page.status_code == 200 and "Zoë Märchenwald" in page.text


def test_a_student_who_guesses_how_often_was_answered_is_not_told(held: Lesson) -> None:
    checkin_id = held.ask("Between us?", anonymity="anonymous")
    guess = look(held, held.teacher, f"/checkins/{checkin_id}", "").headers["etag"].replace("teacher", "learner")
    assert_refused(look(held, held.student, f"/checkins/{checkin_id}/results", guess), "not_allowed")
    assert look(held, held.student, f"/checkins/{checkin_id}", guess).status_code == 200


def test_whose_session_is_over_is_not_told_that_nothing_has_changed(held: Lesson) -> None:
    checkin_id, walker = held.ask("How was it?"), held.installation.walker()
    held.arrive(walker, "3")
    etag = look(held, walker, f"/checkins/{checkin_id}", "").headers["etag"]
    assert look(held, walker, f"/checkins/{checkin_id}", etag).status_code == 304
    kept = dict(walker.cookies)
    assert walker.post(f"/sessions/end?{held.tab(walker)}", {}).status_code == 303
    walker.cookies = kept
    assert_refused(look(held, walker, f"/checkins/{checkin_id}", etag), "session_missing")


def test_many_at_once_are_each_told_of_their_own(held: Lesson) -> None:
    paths = [f"/checkins/{held.ask('How was it?')}" for _ in range(4)]
    etags = [look(held, held.teacher, path, "").headers["etag"] for path in paths]
    held.answer(int(paths[0].split("/")[2]), "curious")
    asked = [(path, etag) for _ in range(5) for path, etag in zip(paths, etags, strict=True)]
    with ThreadPoolExecutor(len(asked)) as threads:
        statuses = list(threads.map(lambda one: look(held, held.teacher, *one).status_code, asked))
    assert statuses == [200, 304, 304, 304] * 5


def test_the_application_is_asked_only_where_there_is_more_to_say(held: Lesson) -> None:
    async def asked(_: Request) -> Response:
        return Response(b"asked")

    path = f"/checkins/{held.ask('How was it?')}"
    etag = look(held, held.teacher, path, "").headers["etag"]
    routes = [Route(f"{path}{rest}", asked) for rest in ("", "/results", "/edit")]
    app, bound = Starlette(routes=routes, middleware=[Middleware(Looks)]), listening()
    app.state.house = build(held.installation.settings, held.installation.database)
    with serving(app, bound):
        there = replace(held.installation, base_url=f"http://localhost:{bound.getsockname()[1]}")
        near = replace(held, installation=there, homes=held.homes)
        assert [look(near, held.teacher, f"{path}{rest}", etag).status_code for rest in ("", "/results")] == [304, 304]
        others = (
            look(near, held.teacher, path, etag, **{"HX-Request-Type": "full"}),
            look(near, held.teacher, path, etag.replace("-teacher", "0-teacher")),
            look(near, held.teacher, path, etag[:-1] + '-AT"'),
            look(near, held.teacher, f"{path}/edit", etag),
            look(near, held.student, path, etag.replace("teacher", "learner")),
            look(near, held.teacher, path, etag, Cookie=""),
        )
        assert [other.text for other in others] == ["asked"] * len(others)
