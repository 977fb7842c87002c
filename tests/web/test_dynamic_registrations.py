"""An LMS registers itself: the invitation works once, the LMS's refusal is shown, and nothing is ever overwritten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from sqlmodel import Session, select
from starlette.responses import JSONResponse, PlainTextResponse

from reflect.domain import audit, deployments, invitations
from reflect.lti.tokens import may_receive
from reflect.storage.registering import RegistrationInvitation
from reflect.storage.registrations import Deployment, Registration, RegistrationKey
from reflect.storage.registrations import platform as platform_of
from reflect.storage.tables import key_of
from reflect.web.admin import addresses
from tests.conftest import fresh_database
from tests.installation import Installation, installed
from tests.walker import Walker
from tests.web.admin.portal import KEYRING, assert_says, fields_in, plain, rows, signed_in
from tests.web.registering_platform import TOOL, RegisteringPlatform, registering_platform

REGISTER = "/lti/register"


@pytest.fixture(scope="module")
def here(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """An installation that may call any port of this machine."""
    folder: Path = tmp_path_factory.mktemp("registering")
    with installed(fresh_database(backend, folder, request), private_hosts="127.0.0.1") as running:
        yield running


@pytest.fixture
def moodle() -> Iterator[RegisteringPlatform]:
    """An LMS that registers tools as Moodle does."""
    with registering_platform() as platform:
        yield platform


def invite(here: Installation, name: str = "", lms: str = "moodle", ago: timedelta = timedelta()) -> str:
    now = datetime.now(UTC) - ago
    made = here.database.write_now(lambda db: invitations.invite(db, name, lms, "ada@fablehill.example", now))
    return addresses.register(here.base_url, KEYRING, made)


def ask(walker: Walker, moodle: RegisteringPlatform, address: str) -> dict[str, str]:
    page = walker.get(moodle.link(address))
    assert page.status_code == 200, page.text
    assert f"frame-ancestors {moodle.base_url}" in page.headers["content-security-policy"]
    return fields_in(page)


def confirm(here: Installation, moodle: RegisteringPlatform, address: str) -> httpx2.Response:
    walker = here.walker()
    return walker.post(REGISTER, ask(walker, moodle, address))


def registered(here: Installation, moodle: RegisteringPlatform) -> list[Registration]:
    def work(db: Session) -> list[Registration]:
        return list(db.exec(select(Registration).where(Registration.issuer == moodle.base_url)).all())

    return here.database.read_now(work)


def test_the_whole_way_as_moodle_goes_it(here: Installation, moodle: RegisteringPlatform) -> None:
    address, walker = invite(here, "Fable Hill"), here.walker()
    page = walker.get(moodle.link(address))
    assert moodle.base_url.partition("://")[2] in plain(page.text)
    assert moodle.asked == []
    done = walker.post(REGISTER, fields_in(page))
    assert done.status_code == 200
    words = plain(done.text)
    for clicks in (
        "Pending",
        "Activate",
        "Tool configuration usage",
        "Show in activity chooser and as a preconfigured tool",
    ):
        assert clicks in words
    assert "data-close" in done.text
    (headers, body), (row,) = moodle.asked[0], registered(here, moodle)
    assert headers["authorization"] == f"Bearer {moodle.token}"
    assert (body["initiate_login_uri"], body["redirect_uris"], body["jwks_uri"]) == (
        f"{here.base_url}/lti/login",
        [f"{here.base_url}/lti/launch"],
        f"{here.base_url}/lti/keys",
    )
    assert body[TOOL]["target_link_uri"] == f"{here.base_url}/app"
    assert (row.name, row.lms, row.client_id) == ("Fable Hill", "moodle", moodle.client_id)
    assert row.token_url == f"{moodle.base_url}/mod/lti/token.php"
    deployments = [
        it.deployment_id for it in rows(here, Deployment) if isinstance(it, Deployment) and it.registration_id == row.id
    ]
    assert deployments == ["1"]
    portal = signed_in(here)
    assert "registered itself" in portal.words("/admin/audit")
    assert "Fable Hill" in portal.words("/admin/registrations")


def test_an_invitation_works_once(here: Installation, moodle: RegisteringPlatform) -> None:
    address = invite(here)
    walker = here.walker()
    fields = ask(walker, moodle, address)
    assert walker.post(REGISTER, fields).status_code == 200
    assert_says(walker.post(REGISTER, fields), "invitation_used", 410)
    assert_says(walker.get(moodle.link(address)), "invitation_used", 410)
    assert len(moodle.asked) == 1


def test_looking_does_not_spend_the_invitation(here: Installation, moodle: RegisteringPlatform) -> None:
    address = invite(here)
    for _ in range(3):
        ask(here.walker(), moodle, address)
    assert confirm(here, moodle, address).status_code == 200


def test_an_invitation_expires_after_a_day(here: Installation, moodle: RegisteringPlatform) -> None:
    late = invite(here, ago=timedelta(hours=24, seconds=1))
    assert_says(here.walker().get(moodle.link(late)), "invitation_expired", 410)


def test_without_an_invitation_nobody_is_asked_anything(here: Installation, moodle: RegisteringPlatform) -> None:
    for invitation in ("", "nonsense", "IkFCQyI.c2lnbmF0dXJl"):
        link = moodle.link(f"{here.base_url}{REGISTER}?invitation={invitation}")
        assert_says(here.walker().get(link), "invitation_unknown", 404)
    assert moodle.asked == []


def test_the_address_opened_by_itself_says_where_to_paste_it(here: Installation) -> None:
    assert_says(here.walker().get(invite(here)), "registration_by_hand", 400)


def test_what_the_lms_refuses_is_shown_and_the_invitation_stays_good(
    here: Installation, moodle: RegisteringPlatform
) -> None:
    address = invite(here)
    moodle.answer = JSONResponse({"message": "<b>No</b> tools on Sundays"}, 400)
    refused = confirm(here, moodle, address)
    assert_says(refused, "registration_refused", 502)
    assert "No tools on Sundays" in plain(refused.text)
    assert "<b>No</b>" not in refused.text
    assert moodle.token not in refused.text
    moodle.answer = None
    assert confirm(here, moodle, address).status_code == 200
    assert len(registered(here, moodle)) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (PlainTextResponse("down", 503), "registration_refused"),
        (PlainTextResponse("<html>hello</html>", 200), "registration_malformed"),
        (JSONResponse({"client_id": ""}), "registration_malformed"),
        (JSONResponse([]), "registration_malformed"),
    ],
)
def test_an_answer_that_is_none_registers_nothing(
    here: Installation, moodle: RegisteringPlatform, answer: PlainTextResponse, code: str
) -> None:
    moodle.answer = answer
    assert_says(confirm(here, moodle, invite(here)), code, 502)
    assert registered(here, moodle) == []


@pytest.mark.parametrize(
    ("configuration", "code", "status"),
    [
        ({"issuer": "https://elsewhere.example"}, "issuer_mismatch", 400),
        ({"token_endpoint": "http://elsewhere.example/token"}, "endpoint_insecure", 400),
        ({"registration_endpoint": None}, "configuration_malformed", 502),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused_before_anything_is_sent(
    here: Installation, moodle: RegisteringPlatform, configuration: dict[str, str], code: str, status: int
) -> None:
    moodle.configuration = configuration
    assert_says(here.walker().get(moodle.link(invite(here))), code, status)
    assert moodle.asked == []


def test_the_configuration_is_called_under_the_rules_for_every_outbound_call(here: Installation) -> None:
    for url in ("https://169.254.169.254/latest", "http://10.0.0.1/", "file:///etc/passwd", "https://localhost:1/"):
        refused = here.walker().get(f"{invite(here)}&openid_configuration={url}")
        assert_says(refused, "configuration_unavailable", 502)


def deployments_of(here: Installation, row: Registration) -> dict[str, bool]:
    """Which deployments a registration has, and whether each is approved."""
    found = [it for it in rows(here, Deployment) if isinstance(it, Deployment) and it.registration_id == row.id]
    return {it.deployment_id: it.is_approved for it in found}


def last_deed(here: Installation) -> tuple[str, str]:
    """The last entry of the audit log: the action and what it was about."""
    entry = here.database.read_now(audit.newest)[0]
    return entry.action, entry.about


def amended(here: Installation, moodle: RegisteringPlatform, **values: object) -> None:
    """Change what is known of the LMS, as an administrator or a knock would."""
    (row,) = registered(here, moodle)
    here.database.write_now(lambda db: [setattr(db.get_one(Registration, row.id), *it) for it in values.items()])


def test_an_lms_that_registers_again_is_told_that_nothing_needs_to_be_done(
    here: Installation, moodle: RegisteringPlatform
) -> None:
    """Moodle's "Update": the same client id comes back, and Moodle has reset the tool on its side."""
    assert confirm(here, moodle, invite(here, "First")).status_code == 200
    (before,) = registered(here, moodle)
    keys = len(rows(here, RegistrationKey))
    address = invite(here, "Second")
    again = confirm(here, moodle, address)
    assert again.status_code == 200
    assert "In Reflect nothing needs to be done: “First” goes on as it was." in plain(again.text)
    assert "Show in activity chooser" in again.text and "should say “Active”" in plain(again.text)
    assert "What differs" not in again.text and "switched off" not in again.text
    (after,) = registered(here, moodle)
    assert after == before
    assert (deployments_of(here, after), len(rows(here, RegistrationKey))) == ({"1": True}, keys)
    assert_says(confirm_again(here, moodle, address), "invitation_used", 410)
    assert len(moodle.asked) == 2
    assert last_deed(here) == ("registration_registered_again", f"First, {moodle.base_url}")


def confirm_again(here: Installation, moodle: RegisteringPlatform, address: str) -> httpx2.Response:
    return here.walker().get(moodle.link(address))


def test_addresses_that_differ_are_shown_and_never_overwritten(here: Installation, moodle: RegisteringPlatform) -> None:
    confirm(here, moodle, invite(here, "First"))
    amended(here, moodle, token_url="https://old.example/token.php", token_audience="https://old.example/<aud>")
    again = confirm(here, moodle, invite(here))
    text = plain(again.text)
    for word in ("https://old.example/token.php", f"{moodle.base_url}/mod/lti/token.php", "Access token URL", "“Edit”"):
        assert word in text
    assert "nothing needs to be done" not in text
    assert "<aud>" not in text, "the LMS says nothing of an audience"
    (row,) = registered(here, moodle)
    assert row.token_url == "https://old.example/token.php"
    action, about = last_deed(here)
    assert action == "registration_registered_again"
    assert about.endswith(f"not taken over: token_url {moodle.base_url}/mod/lti/token.php")


def test_a_deployment_that_the_lms_names_again_is_let_in(here: Installation, moodle: RegisteringPlatform) -> None:
    confirm(here, moodle, invite(here))
    (row,) = registered(here, moodle)
    moodle.deployment_id = "7"
    assert row.id is not None
    knocked = row.id
    here.database.write_now(lambda db: deployments.knock(db, knocked, "7", datetime.now(UTC)))
    assert deployments_of(here, row) == {"1": True, "7": False}
    confirm(here, moodle, invite(here))
    assert deployments_of(here, row) == {"1": True, "7": True}


def test_a_registration_that_is_switched_off_stays_off(here: Installation, moodle: RegisteringPlatform) -> None:
    confirm(here, moodle, invite(here))
    amended(here, moodle, is_enabled=False)
    assert "Nobody gets in until it is switched on there." in plain(confirm(here, moodle, invite(here)).text)
    assert [row.is_enabled for row in registered(here, moodle)] == [False]


def test_an_lms_that_names_no_deployment_is_asked_at_its_first_launch(here: Installation) -> None:
    with registering_platform(family="canvas", deployment_id=None) as canvas:
        done = confirm(here, canvas, invite(here, lms="other"))
        assert "The first launch shows it" in plain(done.text)
        (row,) = registered(here, canvas)
    assert row.lms == "canvas"
    assert row.name == canvas.base_url.partition("://")[2]
    assert [it for it in rows(here, Deployment) if isinstance(it, Deployment) and it.registration_id == row.id] == []
    assert "None yet" in signed_in(here).words(f"/admin/registrations/{row.id}")


@pytest.fixture
def school() -> Iterator[RegisteringPlatform]:
    """The host of a school whose Canvas is run, and described, by the vendor at another."""
    with registering_platform(family="canvas", deployment_id=None) as platform:
        yield platform


@pytest.fixture
def canvas(school: RegisteringPlatform) -> Iterator[RegisteringPlatform]:
    """The vendor's host, which sends tools to register with the school's."""
    with registering_platform(family="canvas", client_id=school.client_id, deployment_id=None) as platform:
        platform.configuration = {"registration_endpoint": f"{school.base_url}/mod/lti/openid-registration.php"}
        yield platform


def framed_by(page: httpx2.Response) -> str:
    return page.headers["content-security-policy"].partition("frame-ancestors ")[2]


def test_a_canvas_may_frame_us_at_the_schools_own_host(here: Installation, canvas: RegisteringPlatform) -> None:
    link = canvas.link(invite(here))
    assert framed_by(here.walker().get(link)) == canvas.base_url, "only https may"
    canvas.configuration["registration_endpoint"] = "https://fablehill.instructure.com/api/lti/registrations"
    assert framed_by(here.walker().get(link)) == f"{canvas.base_url} https://fablehill.instructure.com"
    canvas.configuration["registration_endpoint"] = "https://fablehill.example;script-src/x"
    assert framed_by(here.walker().get(link)) == canvas.base_url


def test_the_schools_own_host_is_among_those_of_its_canvas(
    here: Installation, canvas: RegisteringPlatform, school: RegisteringPlatform
) -> None:
    host, label = school.base_url.partition("://")[2], "Further hosts of its services"
    walker = here.walker()
    page = walker.get(canvas.link(invite(here, "Fable Hill")))
    assert f"{label} {host}" in plain(page.text)
    done = walker.post(REGISTER, fields_in(page))
    assert f"{label} {host}" in plain(done.text)
    (row,) = registered(here, canvas)
    platform = here.database.read_now(lambda db: platform_of(db, key_of(row)))
    assert platform is not None
    roster = f"{school.base_url}/api/lti/courses/1/names_and_roles"
    assert may_receive(platform, roster, row.service_hosts.split())
    assert not may_receive(platform, roster)
    assert last_deed(here) == ("service_hosts_changed", f"Fable Hill: {host}")


def test_a_canvas_that_registers_again_adds_no_host(
    here: Installation, canvas: RegisteringPlatform, school: RegisteringPlatform
) -> None:
    elsewhere = canvas.configuration.pop("registration_endpoint")
    done = confirm(here, canvas, invite(here))
    assert "Further hosts" not in done.text, "it is the host of its other addresses"
    canvas.configuration["registration_endpoint"] = elsewhere
    assert "was registered already" in confirm(here, canvas, invite(here)).text
    assert len(school.asked) == 1
    assert [row.service_hosts for row in registered(here, canvas)] == [""]


@pytest.mark.parametrize(
    ("family", "endpoint"),
    [
        ("moodle", "https://elsewhere.example/registrations"),
        ("canvas", "https://schüle.example/registrations"),
        ("canvas", "https://[2001:db8::1]/registrations"),
        ("canvas", "https://a*.example/registrations"),
    ],
)
def test_nothing_else_is_taken_for_a_host_of_services(
    here: Installation, canvas: RegisteringPlatform, family: str, endpoint: str
) -> None:
    canvas.family = family
    canvas.configuration["registration_endpoint"] = endpoint
    page = here.walker().get(canvas.link(invite(here)))
    assert page.status_code == 200
    assert "Further hosts" not in page.text


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("sakailms.org", "Sakai"),
        ("sakai", "Sakai"),
        ("Canvas", "Canvas"),
        ("desire2learn", "Brightspace"),
        ("BlackboardLearn", "Blackboard"),
        ("tsugi.org", "Schoology"),
    ],
)
def test_an_lms_is_known_by_what_it_calls_itself(
    here: Installation, moodle: RegisteringPlatform, family: str, name: str
) -> None:
    moodle.family = family
    page = here.walker().get(moodle.link(invite(here, lms="schoology")))
    assert f"{name} asks, with an address" in plain(page.text)


def test_an_invitation_is_made_shown_and_taken_back_in_the_portal(
    here: Installation, moodle: RegisteringPlatform
) -> None:
    portal = signed_in(here)
    portal.get("/admin/invitations/new")
    at = portal.post("/admin/invitations", name="Upper school", lms="moodle").headers["location"]
    page = portal.get(at)
    address = plain(page.text.partition('tabindex="0">')[2].partition("<")[0])
    assert address.startswith(f"{here.base_url}/lti/register?invitation=")
    assert "Add LTI Advantage" in page.text
    ask(here.walker(), moodle, address)
    portal.post(f"{at}/removals")
    assert_says(here.walker().get(moodle.link(address)), "invitation_unknown", 404)
    assert [action for action, _ in portal.log()[:2]] == ["registration_invitation_withdrawn", "registration_invited"]
    assert_says(portal.walker.post("/admin/invitations", {"name": "x" * 256, "lms": "moodle"}), "form", 422)


def test_an_attempt_that_never_came_back_frees_the_invitation_after_a_minute(
    here: Installation, moodle: RegisteringPlatform
) -> None:
    address = invite(here)
    walker = here.walker()
    fields = ask(walker, moodle, address)
    made = invitations.read(KEYRING, "registration", fields["invitation"])

    def claimed(ago: timedelta) -> None:
        def work(db: Session) -> None:
            db.get_one(RegistrationInvitation, made).claimed_at = datetime.now(UTC) - ago

        here.database.write_now(work)

    claimed(timedelta(seconds=30))
    assert_says(walker.post(REGISTER, fields), "invitation_used", 410)
    claimed(timedelta(seconds=61))
    assert walker.post(REGISTER, fields).status_code == 200
