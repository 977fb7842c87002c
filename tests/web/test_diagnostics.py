"""The check of a browser as a browser without a screen meets it: what is tried, what is said, and that nothing is kept."""

import logging
import re
from html import unescape

import httpx2
import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel

from reflect.domain.browsers import FAMILIES, Browser
from reflect.domain.diagnostics import CHECKS, Diagnosis, Light, Verdict
from reflect.web import diagnostic_cards
from reflect.web.diagnostics import COOKIE, PARTITIONED
from tests.installation import Installation
from tests.walker import FRAME, Walker
from tests.web.dialogs import arrives
from tests.web.launching import assert_refused, scene

PART = {"HX-Request": "true", "HX-Request-Type": "partial", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
FRAMED = {"script": "on", "place": "frame", "cookie": "lost", "partitioned": "lost", "session": "lost"}
LINE = re.compile(r'<h3>(.*?)</h3>\s*<p class="light light-(\w+)">.*?<p class="diagnosis-meaning"[^>]*>(.*?)</p>', re.S)


def results(walker: Walker, **outcomes: str) -> httpx2.Response:
    """What the script gets for these outcomes."""
    address = f"{walker.tool_base_url}/diagnostics"
    return walker.client.get(address, params=outcomes, headers=PART)


def lines(page: httpx2.Response) -> dict[str, tuple[str, str]]:
    """The lines of a page: what is checked, its light and its meaning."""
    return {unescape(name): (light, unescape(meaning)) for name, light, meaning in LINE.findall(page.text)}


def heading(page: httpx2.Response) -> str:
    """The verdict."""
    found = re.search(r'<h2 id="verdict">(.*?)</h2>', page.text)
    return found[1] if found else ""


def code(page: httpx2.Response) -> str:
    """The code to read aloud."""
    found = re.search(r'<p class="code"><bdi>(.*?)</bdi>', page.text)
    assert found, page.text
    return found[1]


def test_the_page_is_for_anybody_in_a_frame_of_anybodys(shared: Installation) -> None:
    page = shared.walker().get("/diagnostics")
    assert page.status_code == 200
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert heading(page) == "", "nothing is said before anything was tried"
    assert '<noscript><meta http-equiv="refresh" content="0; url=/diagnostics?probe=1"></noscript>' in page.text
    assert 'href="/diagnostics?probe=1"' in page.text


def test_without_a_script_the_cookies_that_come_back_are_told(shared: Installation) -> None:
    walker = shared.walker()
    walker.get("/diagnostics")
    page = walker.get("/diagnostics?probe=1")
    assert heading(page) == "You can use Reflect here"
    said = lines(page)
    assert said["JavaScript"] == ("note", "It is off. Reflect works without it where cookies are kept.")
    assert said["Cookies"] == ("fine", "Kept. Reflect uses this.")
    assert said["Partitioned cookies"] == ("fine", "Kept.")
    assert said["Frame or window"][1] == "Reflect stands in a page of another site."
    assert said["Memory of this tab"] == ("unknown", "This could not be checked.")
    assert "http-equiv" not in page.text


def test_without_a_script_in_a_frame_that_keeps_nothing_a_tab_is_advised(shared: Installation) -> None:
    page = shared.walker().get("/diagnostics?probe=1")
    assert heading(page) == "Open Reflect in a new tab"
    assert re.search(r'<a class="button" href="/diagnostics" target="_blank">Check in a new tab</a>', page.text)
    assert "Default launch container" in page.text
    assert page.text.count('class="button"') == 1, "one button"


def test_without_a_script_in_a_window_that_keeps_nothing_the_steps_are_told(shared: Installation) -> None:
    address = f"{shared.base_url}/diagnostics?probe=1"
    headers = FRAME | {"Sec-Fetch-Dest": "document", "User-Agent": "Mozilla/5.0 (X11) Firefox/140.0"}
    page = shared.walker().client.get(address, headers=headers)
    assert heading(page) == "Allow cookies for this site"
    assert '<details class="diagnosis-steps" open>' in page.text
    assert "Enhanced Tracking Protection" in page.text and "Firefox 140" in page.text
    assert "<code>localhost</code>" in page.text
    assert page.text.count('class="button"') == 1


def test_a_probe_says_nothing_of_whom_it_was_left_with(shared: Installation) -> None:
    walker, other = shared.walker(), shared.walker()
    for visitor in (walker, other):
        visitor.get("/diagnostics")
    assert {name: cookie.value for name, cookie in walker.cookies.items()} == {COOKIE: "1", PARTITIONED: "1"}
    assert walker.cookies == other.cookies
    assert "partitioned" in walker.cookies[PARTITIONED].attributes
    assert "partitioned" not in walker.cookies[COOKIE].attributes
    assert {cookie.attributes["samesite"] for cookie in walker.cookies.values()} == {"None"}


def test_the_script_hears_which_probes_came_back_and_what_the_time_is(shared: Installation) -> None:
    walker = shared.walker()
    assert walker.get("/diagnostics/probes").json() | {"now": 0} == {"cookie": False, "partitioned": False, "now": 0}
    walker.get("/diagnostics")
    del walker.cookies[COOKIE]
    found = walker.get("/diagnostics/probes")
    assert (found.json()["cookie"], found.json()["partitioned"]) == (False, True)
    assert found.json()["now"] > 1_700_000_000_000
    assert found.headers["cache-control"] == "no-store"


def test_what_the_script_found_out_comes_back_as_lines_and_a_code(shared: Installation) -> None:
    walker = shared.walker()
    page = results(walker, **FRAMED | {"partitioned": "kept", "access": "closed", "clock": "fast"})
    assert page.text.lstrip().startswith('<div id="diagnosis">')
    assert heading(page) == "You can use Reflect here"
    said = lines(page)
    assert said["Partitioned cookies"] == ("fine", "Kept. Reflect uses this.")
    assert said["Cookies"][1].startswith("Not kept. Reflect uses something else")
    assert said["Storage Access API"][0] == "note"
    assert said["Clock"] == ("note", "It is off by more than two minutes. Let this device set its clock by itself.")
    assert said["Local network"][0] == "note", "Reflect is on this machine here"
    assert said["Memory of the learning platform"][1].startswith("Not asked.")
    assert said["Screen readers"][1].startswith("Reflect never asks")
    again = walker.get(f"/diagnostics?code={code(page).lower().replace('-', '%20')}")
    assert (lines(again), heading(again), code(again)) == (said, heading(page), code(page))
    assert "data-probes" not in again.text, "what a code tells is not tried out anew"


def test_what_is_no_outcome_is_not_repeated(shared: Installation) -> None:
    page = results(shared.walker(), cookie="<script>alert(1)</script>", place="nowhere", steps="<b>", network="public")
    assert "alert" not in page.text and "<b>" not in page.text
    assert lines(page)["Local network"][0] == "note", "where Reflect stands is not for others to say"
    assert heading(page) == "Check again"


@pytest.mark.parametrize("mistyped", ["9T0-000-0K0", "x", "9T0-000-0KD-000", "%00"])
def test_a_mistyped_code_is_refused(shared: Installation, mistyped: str) -> None:
    page = shared.walker().get(f"/diagnostics?code={mistyped}")
    assert (page.status_code, page.headers["reflect-error"]) == (422, "diagnosis_code")
    assert "one character after the other" in page.text


@pytest.mark.parametrize("family", FAMILIES)
def test_the_steps_of_every_browser_can_be_chosen(shared: Installation, family: str) -> None:
    told = code(results(shared.walker(), **FRAMED))
    page = shared.walker().get(f"/diagnostics?code={told}&steps={family}")
    assert f'<option value="{family}" selected>' in page.text
    for step in diagnostic_cards.STEPS[family]:
        assert step in unescape(page.text)
    assert code(page) == told, "the code keeps to the browser that was met"


def test_everything_that_can_come_out_has_words() -> None:
    for check, (_, meanings) in diagnostic_cards.CHECKS.items():
        lost = {"used", "kept", "spared", "lost", "unknown"}
        assert set(meanings) >= (lost if meanings.keys() & {"lost"} else set(CHECKS[check]))
    assert set(diagnostic_cards.CHECKS) == set(CHECKS)
    assert set(diagnostic_cards.STEPS) == set(diagnostic_cards.NAMES) == set(FAMILIES)
    assert set(diagnostic_cards.VERDICTS) == set(Verdict) and set(diagnostic_cards.LIGHTS) == set(Light)


def test_from_a_login_the_way_goes_on(shared: Installation) -> None:
    begun = scene(shared)
    page = begun.login(lti_storage_target="_parent")
    form = re.search(r'<section id="new-tab".*?</section>', page.text, re.S)
    assert form and 'formaction="/diagnostics"' in form[0]
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form[0])}
    check = begun.walker.post("/diagnostics", fields)
    assert check.status_code == 200
    assert 'data-storage-target="_parent"' in check.text
    assert f'data-storage-origin="{shared.platform.base_url}"' in check.text
    entry = re.search(r'<form id="entry" method="post" action="/lti/login".*?</form>', check.text, re.S)
    assert entry
    carried = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', entry[0])}
    assert carried == fields
    assert begun.walker.post("/lti/login", carried).status_code == 200


def test_a_dialog_that_moodle_names_is_not_led_out_of_its_frame(shared: Installation) -> None:
    begun = scene(shared)
    hint = '{"launchid":"ltilaunch_ContentItemSelectionRequest834969774"}'
    page = begun.login(lti_message_hint=hint)
    section = re.search(r'<section id="new-tab".*?</section>', page.text, re.S)
    assert section and "<h1>This dialog cannot leave its frame.</h1>" in section[0]
    assert "Open in a new tab" not in section[0] and "save the activity with a name" in section[0]
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', section[0])}
    assert fields["lti_message_hint"] == hint
    assert 'data-entry="dialog"' in begun.walker.post("/diagnostics", fields).text
    told = results(begun.walker, **FRAMED, entry="dialog")
    assert heading(told) == "This dialog cannot leave its frame."
    assert heading(results(begun.walker, **FRAMED | {"session": "kept"}, entry="dialog")) == "You can use Reflect here"


@pytest.mark.parametrize(
    ("outcomes", "button"),
    [
        ({"entry": "dialog"}, '<button class="button" form="entry" formaction="/diagnostics">Check again</button>'),
        (
            {},
            r'<button class="button" form="entry" formtarget="_blank" name="left_frame" value="1">Open in a new tab</button>',
        ),
        ({"session": "kept"}, r'<button class="button" form="entry">Continue</button>'),
        ({"place": "window"}, r'<button class="button" form="entry" formaction="/diagnostics">Check again</button>'),
    ],
)
def test_in_the_midst_of_a_login_one_button_goes_on_with_it(
    shared: Installation, outcomes: dict[str, str], button: str
) -> None:
    page = results(shared.walker(), **FRAMED | {"entry": "tab"} | outcomes)
    assert button in page.text
    assert page.text.count('class="button"') == 1


def test_a_login_that_is_none_is_refused(shared: Installation) -> None:
    walker = shared.walker()
    assert_refused(walker.post("/diagnostics", {"iss": shared.platform.base_url}), "login_param")
    fields = {"iss": "https://nobody.example", "login_hint": "3", "target_link_uri": f"{shared.base_url}/app"}
    assert_refused(walker.post("/diagnostics", fields), "platform_unknown")
    foreign = walker.client.post(
        f"{shared.base_url}/diagnostics", data=fields, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert_refused(foreign, "cross_site")


def test_whoever_is_in_a_course_is_led_back_to_it_and_nobody_else_is_named(shared: Installation) -> None:
    visit = arrives(shared, "6")
    tab = re.search(r"tab=\w+", visit.page.text)
    assert tab
    page = visit.walker.get(f"/diagnostics?{tab[0]}")
    assert "masthead-course" in page.text
    assert f"/diagnostics?{tab[0]}&amp;probe=1" in page.text
    assert f"frame-ancestors {shared.platform.base_url}" in page.headers["content-security-policy"]
    part = results(visit.walker, **FRAMED, tab="none")
    assert part.status_code == 200
    alone = visit.walker.get("/diagnostics")
    assert "masthead-course" not in alone.text
    assert "frame-ancestors *" in alone.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/privacy", "/nowhere", "/lti/launch", "/courses/1", "/questions", "/c/nowhere"])
def test_every_page_and_every_refusal_leads_to_it(shared: Installation, path: str) -> None:
    page = shared.walker().get(path)
    main, _, foot = page.text.partition("</main>")
    assert 'href="/diagnostics"' in foot
    assert ('href="/diagnostics"' in main) == (page.status_code >= 400)


def test_nothing_is_kept_and_nothing_is_logged(installation: Installation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    walker = installation.walker()

    def everything(db: Session) -> dict[str, list[str]]:
        return {
            table.name: [str(tuple(row)) for row in db.connection().execute(text(f'SELECT * FROM "{table.name}"'))]
            for table in SQLModel.metadata.sorted_tables
        }

    before = installation.database.read_now(everything)
    walker.get("/diagnostics")
    walker.get("/diagnostics?probe=1")
    told = code(results(walker, **FRAMED))
    walker.get(f"/diagnostics?code={told}")
    walker.get("/diagnostics/probes")
    assert installation.database.read_now(everything) == before
    assert [record.name for record in caplog.records if record.name.startswith("reflect")] == []


def test_a_code_holds_what_the_page_says() -> None:
    diagnosis = Diagnosis.of(FRAMED, Browser("edge", 142))
    assert diagnostic_cards.card(diagnosis, "en")["browser"] == "Edge 142"
    assert diagnostic_cards.card(Diagnosis.of({}, Browser("in_app", 0)), "en")["browser"] == "A page inside another app"
