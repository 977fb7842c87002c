"""Refusals: a page or JSON with a code, a number that is in the log too, and nothing that tells an attacker more."""

import logging
import re

import httpx2
import pytest
from sqlmodel import Session, select, text

from reflect.storage.registrations import RegistrationKey
from reflect.web.refusals import WORDINGS
from tests.installation import Installation
from tests.walker import FRAME, http_client
from tests.web.dialogs import STUDENT, TEACHER, arrives
from tests.web.launching import STATUS, assert_refused, scene


def ask(running: Installation, path: str, method: str = "GET", **headers: str) -> httpx2.Response:
    """Ask without any session."""
    with http_client() as client:
        return client.request(method, running.base_url + path, headers={"Accept": "text/html", **headers})


def facts(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, object]]:
    """The facts of every logged event of this name."""
    return [vars(record) for record in caplog.records if record.getMessage() == event]


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/nowhere",
            "/courses/x",
            "/courses/1/nothing",
            "/static/nothing.css",
            "/checkins/-1",
            "//elsewhere.example/",
        ),
        *(
            "/static/../pyproject.toml",
            "/static/%2e%2e/pyproject.toml",
            "/static/..%2f..%2fetc/passwd",
            "/static//etc/passwd",
        ),
        *(
            "/static/css/base.css%00.html",
            "/courses/1%00",
            "/talks/%D9%A1",
            f"/checkins/{2**31}",
            f"/talks/{'9' * 5000}",
        ),
    ],
    ids=lambda path: path[:40],
)
def test_what_is_not_there_is_said_to_be_missing(shared: Installation, path: str) -> None:
    answer = ask(shared, path)
    assert (answer.status_code, answer.headers["reflect-error"]) == (404, "missing")


@pytest.mark.parametrize("role", [TEACHER, STUDENT])
def test_the_largest_number_that_fits_is_only_missing(shared: Installation, role: str) -> None:
    visit, largest = arrives(shared, role), "9" * 9
    for path in (f"/checkins/{largest}", f"/courses/{largest}", f"/talks/{largest}", f"/courses/1/students/{largest}"):
        answer = visit.walker.get(f"{path}?{visit.page.url.query.decode()}")
        assert answer.headers["reflect-error"] in {"missing", "not_allowed"}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/app/",
        "/toolkit/",
        "/courses/1/",
        "/nowhere",
        "/admin/",
        "/lti/register",
        "/c/abcdefgh",
        "/api/v1/openapi.json",
    ],
)
def test_what_a_visitor_calls_our_host_is_in_no_answer(shared: Installation, path: str) -> None:
    forged = dict.fromkeys(
        ("Host", "X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded"), "elsewhere.example"
    )
    answer = ask(shared, path, **forged)
    assert answer.status_code < 500
    assert "elsewhere" not in answer.text + str(answer.headers)


def test_a_slash_too_many_leads_on_to_the_address_that_was_meant(shared: Installation) -> None:
    answer = ask(shared, "/toolkit/?tab=1")
    assert (answer.status_code, answer.headers["location"]) == (307, "/toolkit?tab=1")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "PROPFIND"])
def test_methods_that_tell_about_a_request_are_refused(shared: Installation, method: str) -> None:
    refused = ask(shared, "/", method, Origin=shared.base_url, Secret="echo me")
    assert refused.status_code in {400, 404, 405} and "echo me" not in refused.text


def test_who_asks_for_the_head_hears_the_code_too(shared: Installation) -> None:
    refused = ask(shared, "/courses/1", "HEAD")
    assert (refused.status_code, refused.headers["reflect-error"], refused.content) == (401, "session_missing", b"")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/courses/1"), ("PUT", "/"), ("POST", "/privacy")])
def test_another_method_is_refused(shared: Installation, method: str, path: str) -> None:
    refused = ask(shared, path, method, Origin=shared.base_url)
    assert_refused(refused, "method")
    assert "GET" in refused.headers["allow"]


def test_the_number_on_the_page_is_the_one_in_the_log(shared: Installation, caplog: pytest.LogCaptureFixture) -> None:
    launching = scene(shared)
    launching.login()
    page = launching.launch("B16-payload")
    (refusal,) = facts(caplog, "refused")
    assert refusal["code"] == "signature"
    assert f"<code>{refusal['number']}</code>" in page.text
    assert str(refusal["detail"]) not in page.text


def test_every_refusal_has_a_number_of_its_own(shared: Installation) -> None:
    numbers = {re.findall(r"<code>([0-9a-f]{8})</code>", ask(shared, "/nowhere").text)[0] for _ in range(3)}
    assert len(numbers) == 3


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/plain, */*"])
def test_whoever_wants_json_gets_the_same_as_json(
    shared: Installation, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    refused = ask(shared, "/lti/login", Accept=accept)
    assert (refused.status_code, refused.headers["reflect-error"]) == (400, "login_param")
    assert refused.headers["content-type"] == "application/json"
    said = refused.json()
    assert said.keys() == {"code", "message", "correlation_id"}
    assert said["code"] == "login_param"
    assert said["message"] == WORDINGS["login_param"].sentence
    assert said["correlation_id"] == facts(caplog, "refused")[-1]["number"]


@pytest.mark.parametrize(
    ("path", "code"), [("/nowhere", "missing"), ("/lti/launch", "method"), ("/courses/1", "session_missing")]
)
def test_json_refusals_are_kept_by_nobody(shared: Installation, path: str, code: str) -> None:
    refused = ask(shared, path, Accept="application/json")
    assert refused.headers["reflect-error"] == code
    assert refused.headers["cache-control"] == "no-store"


def test_every_code_of_the_launch_table_has_its_words_and_its_status() -> None:
    assert {code: WORDINGS[code].status for code in STATUS} == STATUS
    for code, wording in WORDINGS.items():
        assert wording.heading and wording.sentence, code
        assert 400 <= wording.status < 600


def test_a_database_that_is_away_is_said_plainly(installation: Installation, caplog: pytest.LogCaptureFixture) -> None:
    installation.database.write_now(
        lambda db: db.connection().execute(text("ALTER TABLE registration_key RENAME TO x"))
    )
    refused = ask(installation, "/lti/keys")
    assert_refused(refused, "unavailable")
    assert refused.headers["retry-after"] == "10"
    assert "registration_key" not in refused.text
    assert "registration_key" not in str(facts(caplog, "refused"))


def test_a_fault_of_ours_is_owned_up_to_and_its_words_stay_inside(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    def spoil(db: Session) -> None:
        db.exec(select(RegistrationKey)).one().public_jwk = "somebody's secret"

    installation.database.write_now(spoil)
    refused = ask(installation, "/lti/keys")
    assert_refused(refused, "broken")
    (fault,) = facts(caplog, "broken")[:1]
    assert fault["kind"] == "JSONDecodeError"
    assert "keys.py" in str(fault["places"])
    assert "somebody's secret" not in caplog.text + refused.text
    assert ask(installation, "/health/live").status_code == 200


def test_a_refused_part_of_a_page_takes_the_whole_page(shared: Installation) -> None:
    refused = ask(shared, "/nowhere", **{"HX-Request": "true"})
    assert refused.headers["hx-retarget"] == "body"
    assert "<!doctype html>" in refused.text


def test_a_refusal_never_answers_with_what_was_asked(shared: Installation) -> None:
    for path in (
        "/<script>alert(1)</script>",
        "/lti/login?iss=<script>alert(1)</script>&login_hint=1&target_link_uri=2",
    ):
        assert "alert(1)" not in ask(shared, path).text


def test_refusals_speak_the_language_of_the_browser_or_ours(shared: Installation) -> None:
    for wished in ("de-AT,de;q=0.9", "xx", "", "en;q=nonsense,*", "../../etc", ";q=1"):
        refused = ask(shared, "/nowhere", **{"Accept-Language": wished})
        assert_refused(refused, "missing")
        assert f'lang="{refused.headers["content-language"]}"' in refused.text


def test_the_logs_level_for_refusals_is_a_warning(shared: Installation, caplog: pytest.LogCaptureFixture) -> None:
    ask(shared, "/nowhere", **FRAME)
    assert {record.levelno for record in caplog.records if record.getMessage() == "refused"} == {logging.WARNING}


def test_a_refusal_leads_back_to_the_course_of_its_tab(shared: Installation) -> None:
    assert 'href="/app?tab=ab%22c"' in ask(shared, "/nowhere?tab=ab%22c").text
    assert "/app?tab" not in ask(shared, "/nowhere").text
    lost = ask(shared, "/checkins/1/answers/edit?tab=abc", Authorization="Bearer lost")
    assert_refused(lost, "session_missing")
    assert "/app?tab" not in lost.text


def test_without_a_database_an_unknown_address_is_missing_and_a_public_page_is_there(
    installation: Installation,
) -> None:
    visit = arrives(installation, STUDENT)
    installation.database.write_now(lambda db: db.connection().execute(text("ALTER TABLE launch_session RENAME TO x")))
    tab = str(visit.page.url.query, "ascii")
    assert_refused(visit.walker.get(f"/nowhere?{tab}"), "missing")
    assert_refused(visit.walker.post(f"/privacy?{tab}", {}), "method")
    assert visit.walker.get(f"/privacy?{tab}").status_code == 200
