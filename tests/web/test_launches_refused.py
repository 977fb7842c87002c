"""Every bad launch of the launch table against the running app: its code, its status, and no trace left behind."""

import json
import secrets
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, delete, select

from reflect.demo import signatures
from reflect.demo.authorization import FormPost
from reflect.demo.claims import LTI
from reflect.demo.forgeries import FORGERIES, INSTRUCTOR, LEARNER, PRETENSIONS
from reflect.demo.forging import Forge, Forgery, alter_claims, changed, claim, shifted, without
from reflect.demo.tokens import Claims, new_key
from reflect.keyring import Keyring
from reflect.lti import keysets, login
from reflect.lti.login import Handshake
from reflect.storage.health import RegistrationHealth
from reflect.storage.registrations import Deployment, Registration
from reflect.storage.sessions import LaunchSession
from tests.installation import SECRET, Installation, tool_at
from tests.walker import FRAME, http_client
from tests.web.launching import (
    Scene,
    amend,
    assert_admitted,
    assert_refused,
    assert_still_works,
    nothing_written,
    rows,
    scene,
    second_site,
    second_tool,
    session_cookies,
)

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
DEEP_LINKING = {
    "deep_link_return_url": "https://campus.example/return",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe"],
}
ALONE = ("B30", "B31", *(row for row in FORGERIES if row.startswith("B41")))
"""Rows with tests of their own: they leave something behind on purpose, or need a keyset of their own."""
TABLE = [row for row in FORGERIES if row not in PRETENSIONS and row not in ALONE]

OURS = {"B38-deep": "too_large", "B40-long": "token_malformed"}
"""Where the table leaves a choice between two codes and ours is not the first."""


def deep_link(**settings: object) -> Forge:
    """A deep linking request whose settings differ; without any there are none."""

    def change(right: Claims) -> Claims:
        dialog = {name: value for name, value in right.items() if name != LTI + "resource_link"}
        dialog[LTI + "message_type"] = "LtiDeepLinkingRequest"
        given = {name: value for name, value in (DEEP_LINKING | settings).items() if value is not None}
        return dialog | ({DL: given} if settings else {})

    return alter_claims(change)


def a_review(**for_user: object) -> Forge:
    """A teacher's submission review whose person is described so."""
    said = {"message_type": "LtiSubmissionReviewRequest", "for_user": for_user, "roles": [INSTRUCTOR]}
    return alter_claims(lambda right: right | {LTI + name: value for name, value in said.items()})


MORE: dict[str, tuple[str, Forge]] = {
    "B06-bare": ("claim_missing", without("version", "roles")),
    "B12-blank": ("user_missing", claim("sub", " ")),
    "B12-null": ("user_missing", claim("sub", None)),
    "B18-null": ("issuer", claim("iss", None)),
    "B19-null": ("audience", claim("aud", None)),
    "B19-number": ("audience", claim("aud", 7)),
    "B20-twice": ("audience", changed("aud", lambda aud: [aud, aud + "x"])),
    "B21-list": ("azp", claim("azp", ["reflect-on-campus"])),
    "B22-true": ("claim_type", claim("exp", True)),
    "B22-huge": ("claim_type", claim("exp", 10**400)),
    "B22-just-past": ("expired", shifted(-125, -125)),
    "B23-string": ("claim_type", changed("iat", str)),
    "B23-just-ahead": ("iat", shifted(65, 65)),
    "B24-number": ("nonce", claim("nonce", 7)),
    "B24-unicode": ("nonce", claim("nonce", "ключ")),
    "B32-other-port": ("target", claim("target_link_uri", "http://localhost:1/app")),
    "B32-other-scheme": ("target", changed("target_link_uri", lambda uri: uri.replace("http://", "https://"))),
    "B32-subdomain": (
        "target",
        changed("target_link_uri", lambda uri: uri.replace("localhost", "localhost.evil.example")),
    ),
    "B32-newline": ("target", changed("target_link_uri", lambda uri: uri + "\n")),
    "B32-list": ("target", changed("target_link_uri", lambda uri: [uri])),
    "B42-list": ("context", claim("context", ["7"])),
    "B43-no-settings": ("deep_link", deep_link()),
    "B43-no-return-url": ("deep_link", deep_link(deep_link_return_url=None)),
    "B43-http": ("deep_link", deep_link(deep_link_return_url="http://campus.example/return")),
    "B43-script": ("deep_link", deep_link(deep_link_return_url="javascript:alert(1)")),
    "B43-http-elsewhere": ("deep_link", deep_link(deep_link_return_url="http://127.0.0.2/return")),
    "B43-relative": ("deep_link", deep_link(deep_link_return_url="/return")),
    "B43-types-absent": ("deep_link", deep_link(accept_types=None)),
    "B43-types-text": ("deep_link", deep_link(accept_types="ltiResourceLink")),
    "B43-no-types": ("deep_link", deep_link(accept_types=[])),
    "B43-no-targets": ("deep_link", deep_link(accept_presentation_document_targets=None)),
    "B46-of-an-empty-name": ("submission_review", a_review(user_id="")),
    "B46-of-a-number": ("submission_review", a_review(user_id=7)),
    "B46-of-no-id": ("submission_review", a_review()),
    "B48-nested": (
        "token_malformed",
        lambda draft: signatures.compact(
            draft.header,
            json.dumps(draft.claims).replace('"label"', '"id": "1", "label"').encode(),
            draft.key.sign,
        ),
    ),
    "nan": ("token_malformed", claim("deep", float("nan"))),
    "half-a-surrogate": ("token_malformed", alter_claims(lambda right: right | {"name": "\ud800"})),
}


@pytest.fixture(scope="session")
def crowded(shared: Installation) -> Installation:
    """The shared installation with a second tool on the same campus, for tokens that are somebody else's."""
    second_tool(shared)
    return shared


@pytest.fixture
def opened(crowded: Installation) -> Scene:
    """Somebody new who has logged in and not yet launched."""
    begun = scene(crowded)
    begun.login()
    return begun


@pytest.mark.parametrize("row", TABLE)
def test_a_forged_launch_is_refused_and_the_right_one_with_its_state_is_not(opened: Scene, row: str) -> None:
    with nothing_written(opened.running):
        response = opened.launch(row)
        assert_refused(response, OURS.get(row, FORGERIES[row].codes[0]))
    assert opened.running.platform.requests["/jwks/bait"] == 0
    assert_still_works(opened)


@pytest.mark.parametrize("row", MORE)
def test_a_launch_that_is_wrong_in_another_way_is_refused(opened: Scene, row: str) -> None:
    code, forge = MORE[row]
    with nothing_written(opened.running):
        assert_refused(opened.launch(forge), code)
    assert_still_works(opened)


def test_missing_claims_are_all_named_to_the_administrator_only(
    opened: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    response = opened.launch("B06")
    details = [vars(record)["detail"] for record in caplog.records if vars(record).get("code") == "claim_missing"]
    assert "version" in details[0] and "roles" in details[0] and "message_type" in details[0]
    assert details[0] not in response.text


def test_an_unknown_key_is_asked_for_once_and_not_again_for_a_while(installation: Installation) -> None:
    asked = installation.platform.requests
    assert_admitted(scene(installation).walk())
    assert asked["/jwks"] == 1
    for _ in range(3):
        assert_refused(scene(installation).walk("B02"), "kid_unknown")
        assert asked["/jwks"] == 2
    assert_admitted(scene(installation).walk())
    assert set(asked) == {"/jwks"}


@pytest.mark.parametrize("row", PRETENSIONS)
def test_a_role_that_only_sounds_like_a_teachers_gives_none_of_their_rights(shared: Installation, row: str) -> None:
    pretender = scene(shared)
    page = pretender.arrive(row)
    assert page.status_code == 200
    assert "checkins/new" not in page.text
    assert pretender.session().role == ("learner" if row == "B47-subrole" else "none")
    assert_refused(pretender.walker.get(f"/courses/{pretender.session().course_id}/checkins/new"), "not_allowed")


# --- state and browser ------------------------------------------------------------------------------------------------


def test_a_launch_sent_twice_is_refused_and_the_first_session_lives(shared: Installation) -> None:
    twice = scene(shared)
    twice.login()
    kept = dict(twice.walker.cookies)
    first = twice.launch()
    assert_admitted(first)
    assert twice.walker.form
    with nothing_written(shared):
        assert_refused(twice.walker.post_form(twice.walker.form), "state_used")
        twice.walker.cookies |= kept
        assert_refused(twice.walker.post_form(twice.walker.form), "state_used")
    assert twice.walker.follow(first).status_code == 200


def test_an_id_token_does_not_answer_a_second_login(shared: Installation) -> None:
    replayed = scene(shared)
    replayed.login()
    stolen = replayed.form()
    replayed.login()
    with nothing_written(shared):
        fresh = {**stolen.fields, "state": replayed.walker.asked["state"]}
        assert_refused(replayed.walker.post_form(FormPost(stolen.action, fresh)), "nonce")
    assert_still_works(replayed)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (None, "state_missing"),
        ("", "state_missing"),
        ("somebody-elses", "state_unknown"),
        ("x" * 600, "state_unknown"),
        ("état", "state_unknown"),
        ("..", "state_unknown"),
    ],
)
def test_a_launch_without_a_state_of_ours_is_refused(opened: Scene, state: str | None, code: str) -> None:
    with nothing_written(opened.running):
        assert_refused(opened.launch(state=state), code)
    assert_still_works(opened)


@pytest.mark.parametrize("place", [0, 20, 60, -8, -1])
def test_an_altered_state_is_refused(opened: Scene, place: int) -> None:
    state = opened.walker.asked["state"]
    altered = list(state)
    altered[place] = "A" if altered[place] != "A" else "B"
    with nothing_written(opened.running):
        assert_refused(opened.launch(state="".join(altered)), "state_unknown")
    assert_still_works(opened)


def aged(state: str, minutes: float) -> str:
    """The state as the tool's own hand would have given it out so many minutes ago."""
    signer = Handshake(Keyring(SECRET).key_for("lti handshake"))._signer
    key, platform_id, issued_at, digest = login._SAID.unpack(login._bytes(state.split(".")[0].encode()))
    value = login._SAID.pack(key, platform_id, issued_at - round(60 * minutes), digest)
    return signer.sign(login._text(value)).decode()


@pytest.mark.parametrize(("minutes", "is_admitted"), [(9.8, True), (10.2, False)])
def test_a_state_lives_for_ten_minutes(shared: Installation, minutes: float, is_admitted: bool) -> None:
    late = scene(shared)
    late.login()
    response = late.launch(state=aged(late.walker.asked["state"], minutes))
    assert_admitted(response) if is_admitted else assert_refused(response, "state_expired")


def test_a_state_signed_under_another_secret_is_refused(opened: Scene) -> None:
    value = opened.walker.asked["state"].split(".")[0]
    forged = Handshake(b"another secret, thirty-two bytes")._signer.sign(value).decode()
    assert_refused(opened.launch(state=forged), "state_unknown")


def test_the_state_of_another_browser_gives_a_page_and_no_session(shared: Installation) -> None:
    """Login CSRF: the attacker's own launch, finished in the victim's browser."""
    attacker, victim = scene(shared), shared.walker()
    attacker.login()
    other = scene(shared, walker=victim)
    other.login()
    with nothing_written(shared):
        page = victim.post_form(attacker.form())
    assert page.status_code == 200
    assert 'id="proof"' in page.text
    assert not session_cookies(page)
    assert_still_works(other)
    assert_still_works(attacker)


def test_a_cookie_with_another_logins_secret_proves_nothing(shared: Installation) -> None:
    ours, theirs = scene(shared), scene(shared)
    ours.login()
    theirs.login()
    names = [name for name in ours.walker.cookies if "login" in name]
    ours.walker.cookies |= dict(zip(names, theirs.walker.cookies.values(), strict=True))
    with nothing_written(shared):
        assert 'id="proof"' in ours.launch().text


@pytest.mark.parametrize("error", ["login_required", "invalid_request", "unauthorized_client", "<b>worse</b>"])
def test_an_error_of_the_platform_is_explained_and_spends_the_state(shared: Installation, error: str) -> None:
    turned_away = scene(shared)
    turned_away.login()
    fields = {
        "error": error,
        "error_description": "<script>alert(1)</script> Moth Paperlantern",
        "state": turned_away.walker.asked["state"],
    }
    response = turned_away.walker.post_form(FormPost(f"{shared.base_url}/lti/launch", fields))
    assert_refused(response, "platform_refused")
    assert "<script>alert" not in response.text and "<b>worse" not in response.text
    with nothing_written(shared):
        assert_refused(turned_away.launch(), "state_used")


def test_an_error_without_a_state_of_ours_is_refused_and_writes_nothing(shared: Installation) -> None:
    with nothing_written(shared):
        response = shared.walker().post_form(FormPost(f"{shared.base_url}/lti/launch", {"error": "login_required"}))
        assert_refused(response, "state_missing")


# --- registrations and deployments ------------------------------------------------------------------------------------


def test_an_unknown_deployment_is_refused_and_remembered_as_a_knock(installation: Installation) -> None:
    knocking = scene(installation)
    knocking.login()
    before = rows(installation)
    for _ in range(2):
        assert_refused(knocking.launch("B30"), "deployment_unknown")
    assert [after - was for after, was in zip(rows(installation), before, strict=True)] == [0, 0, 0, 0, 0, 0, 1]
    assert knocks(installation) == {("1", True), ("unknown-77", False)}
    assert_refused(knocking.launch("B30"), "deployment_unknown")
    assert_still_works(knocking)


def test_knocks_do_not_fill_the_table(installation: Installation) -> None:
    flood = scene(installation)
    flood.login()
    for number in range(53):
        flood.launch(claim("deployment_id", f"nobody's {number}"))
    assert len(knocks(installation)) == 51


def knocks(running: Installation) -> set[tuple[str, bool]]:
    """The deployments of the first registration, and whether each is approved."""

    def work(db: Session) -> set[tuple[str, bool]]:
        found = db.exec(select(Deployment).where(Deployment.registration_id == 1)).all()
        return {(row.deployment_id, row.is_approved) for row in found}

    return running.database.read_now(work)


def test_the_deployment_of_another_tenant_is_unknown_here(installation: Installation) -> None:
    """Two schools whose platforms gave us the same client id, each with a deployment of its own."""
    second_site(installation, "/other-school", deployment_id="theirs")
    here = scene(installation)
    here.login()
    assert_refused(here.launch(claim("deployment_id", "theirs")), "deployment_unknown")
    assert ("theirs", False) in knocks(installation)
    assert installation.count(LaunchSession) == [0]
    assert_still_works(here)


@pytest.mark.parametrize("has_own_keys", [True, False])
def test_a_token_of_another_platform_does_not_answer_our_login_at_this_one(
    installation: Installation, has_own_keys: bool
) -> None:
    """The mix-up attack: the state says registration 1, the token comes from registration 2."""
    site = second_site(installation)
    site.keys = [new_key()] if has_own_keys else site.keys
    mixed = scene(installation)
    mixed.login()
    begun = site.begin(mixed.occasion)
    with nothing_written(installation):
        mixed.walker.platform = site
        mixed.walker.authorize(None, lti_message_hint=begun["lti_message_hint"])
        assert mixed.walker.form
        assert_refused(mixed.walker.post_form(mixed.walker.form), "mixup")
    mixed.walker.platform = installation.platform
    assert_still_works(mixed)


def test_a_registration_that_is_switched_off_is_refused_at_both_doors(installation: Installation) -> None:
    shut_out = scene(installation)
    shut_out.login()
    amend(installation, 1, is_enabled=False)
    with nothing_written(installation):
        assert_refused(shut_out.launch(), "registration_off")
        assert_refused(shut_out.launch("B16-signature"), "registration_off")
        assert_refused(shut_out.login(), "registration_off")
    amend(installation, 1, is_enabled=True)
    assert_admitted(shut_out.walk())


CHANGES: dict[str, tuple[Callable[[Installation], None], Callable[[Installation], None], str]] = {
    "switched off": (
        lambda running: amend(running, 1, is_enabled=False),
        lambda running: amend(running, 1, is_enabled=True),
        "registration_off",
    ),
    "another client": (
        lambda running: amend(running, 1, client_id="somebody-else"),
        lambda running: amend(running, 1, client_id=running.tool.client_id),
        "audience",
    ),
    "another issuer": (
        lambda running: amend(running, 1, issuer="https://elsewhere.example"),
        lambda running: amend(running, 1, issuer=running.platform.base_url),
        "issuer",
    ),
    "deployment not approved": (
        lambda running: approve(running, is_approved=False),
        lambda running: approve(running, is_approved=True),
        "deployment_unknown",
    ),
}


def approve(running: Installation, is_approved: bool) -> None:
    running.database.write_now(lambda db: setattr(db.exec(select(Deployment)).one(), "is_approved", is_approved))


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_remembered_of_a_registration_admits_and_refuses_nobody_by_itself(
    installation: Installation, change: str
) -> None:
    alter, undo, code = CHANGES[change]
    assert_admitted(scene(installation).walk())
    caught = scene(installation)
    caught.login()
    alter(installation)
    assert_refused(caught.launch(), code)
    undo(installation)
    assert_admitted(caught.launch())
    assert_admitted(scene(installation).walk())


def test_the_first_launch_after_a_registration_was_changed_is_noted(installation: Installation) -> None:
    assert_admitted(scene(installation).walk())
    installation.database.write_now(lambda db: db.exec(delete(RegistrationHealth)) and None)
    time.sleep(1.1)  # one in a second is noted
    amend(installation, 1, token_url=f"{installation.platform.base_url}/another")
    assert_admitted(scene(installation).walk())
    assert installation.database.read_now(lambda db: db.exec(select(RegistrationHealth.last_launch_at)).one())


def test_a_registration_that_is_gone_is_unknown_to_a_state_of_its_own(installation: Installation) -> None:
    second = second_tool(installation)
    orphaned = scene(installation, tool=second)
    orphaned.login()
    state = orphaned.walker.asked["state"]
    installation.database.write_now(lambda db: _delete_registration(db, 2))
    assert_refused(orphaned.launch(state=state), "platform_unknown")


def _delete_registration(db: Session, registration_id: int) -> None:
    db.delete(db.get_one(Registration, registration_id))


# --- keysets that fail ------------------------------------------------------------------------------------------------

KEYSET_FAULTS = [row for row in FORGERIES if row.startswith("B41")]


@pytest.mark.parametrize("row", KEYSET_FAULTS)
def test_a_keyset_that_fails_is_told_in_time_and_old_keys_go_on(
    shared: Installation, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row at an address of its own, so that every one of them begins without any key in memory."""
    tool = tool_at(shared.base_url, f"client of {row}", secrets.token_hex(4))
    shared.platform.register(tool)
    registration_id = shared.register(tool)
    amend(shared, registration_id, keyset_url=f"{shared.platform.base_url}/jwks?{row}")
    early, known = scene(shared, tool=tool), scene(shared, tool=tool)
    early.login()
    bait = shared.platform.requests["/jwks/bait"]
    if row != "B41-slow":  # one wait is enough
        assert_unavailable(early, row)
        time.sleep(1.05)  # the pause that the tool makes after a fetch that failed
    assert_admitted(known.walk())
    with monkeypatch.context() as patched:
        if row == "B41-slow":  # how little time it is in earnest, is held in tests/lti/test_keysets.py
            patched.setattr(keysets, "_FETCH_SECONDS", 1.0)
        assert_unavailable(early, row)
    good_token_bad_keyset = Forgery(keyset_fault=FORGERIES[row].keyset_fault)
    assert_admitted(known.walk(good_token_bad_keyset))
    assert shared.platform.requests["/jwks/bait"] == bait


def assert_unavailable(launching: Scene, row: str) -> None:
    began = time.monotonic()
    with nothing_written(launching.running):
        assert_refused(launching.launch(row), "keys_unavailable")
    assert time.monotonic() - began < 20, "the slow keyset goes on for half a minute"


# --- the size and the shape of what is sent ---------------------------------------------------------------------------

LAUNCH = "/lti/launch"


def payload(size: int, of: Claims | None = None) -> Forge:
    return alter_claims(lambda right: right | {"filling": "x" * size} | (of or {}))


HEAVY: dict[str, tuple[str, Forge | str]] = {
    "128 KiB of id_token": ("too_large", payload(128 * 1024)),
    "JSON 100,000 deep": ("too_large", "B38-deep"),
    "JSON 45,000 deep": ("token_malformed", signatures.nested(45_000)),
    "a header 45,000 deep": (
        "token_malformed",
        lambda draft: f"{signatures.part(b'[' * 45_000 + b']' * 45_000)}.e30.AAAA",
    ),
    "10,000 roles": ("too_large", "B38-roles"),
    "1,000 roles": ("too_large", claim("roles", [LEARNER] * 1_000)),
    "a number of 4,000 digits": ("claim_type", claim("exp", 10**4_000)),
    "90 kB of name": ("nonce", alter_claims(lambda right: right | {"name": "\u202e" * 10_000, "nonce": "x"})),
}


BLINK = 0.05
"""Seconds."""


@pytest.mark.parametrize("what", HEAVY)
def test_a_heavy_token_is_refused_within_a_blink(opened: Scene, what: str) -> None:
    """On a machine that has other things to do, too: one of many tries comes at a moment when it has not."""
    code, forge = HEAVY[what]
    took = [BLINK]
    with nothing_written(opened.running):
        while min(took) >= BLINK and len(took) <= 100:
            form = opened.form(forge)
            began = time.perf_counter()
            response = opened.walker.post_form(form)
            took.append(time.perf_counter() - began)
            assert_refused(response, code)
    assert min(took) < BLINK
    assert_still_works(opened)


@pytest.mark.parametrize("path", [LAUNCH, "/lti/proofs"])
@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_body_that_is_too_large_is_refused_however_it_comes(
    shared: Installation, path: str, is_chunked: bool
) -> None:
    body = b"state=" + b"x" * (128 * 1024)

    def chunks() -> Iterator[bytes]:
        yield body[:1000]
        yield body[1000:]

    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": shared.base_url}
    with http_client() as client, nothing_written(shared):
        response = client.post(shared.base_url + path, content=chunks() if is_chunked else body, headers=headers)
        assert_refused(response, "too_large")
        assert client.get(f"{shared.base_url}/health/live").status_code == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"id_token": "x", "state": "y"}'),
        ("text/plain", b"state=1&id_token=x"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="state"\r\n\r\n1\r\n--x--\r\n',
        ),
        ("", b"state=1"),
    ],
)
def test_a_launch_in_another_content_type_is_refused(shared: Installation, content_type: str, body: bytes) -> None:
    headers = FRAME | ({"Content-Type": content_type} if content_type else {})
    with http_client() as client, nothing_written(shared):
        assert_refused(client.post(shared.base_url + LAUNCH, content=body, headers=headers), "content_type")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_the_launch_address_takes_nothing_but_a_form_post(shared: Installation, method: str) -> None:
    with http_client() as client:
        response = client.request(method, shared.base_url + LAUNCH, headers=FRAME)
    assert_refused(response, "method")
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("twice", ["id_token", "state", "error"])
def test_a_field_given_twice_is_refused(opened: Scene, twice: str) -> None:
    form = opened.form()
    pairs = [*form.fields.items(), (twice, "again"), (twice, "and again")]
    body = "&".join(f"{name}={value}" for name, value in pairs)
    headers = FRAME | {"Content-Type": "application/x-www-form-urlencoded"}
    with http_client() as client, nothing_written(opened.running):
        assert_refused(client.post(form.action, content=body.encode(), headers=headers), "form")
    assert_still_works(opened)


def test_a_form_of_hundreds_of_fields_is_refused(opened: Scene) -> None:
    form = opened.form()
    many = {**form.fields, **{f"extra{number}": "1" for number in range(300)}}
    with nothing_written(opened.running):
        assert_refused(opened.walker.post_form(FormPost(form.action, many)), "form")


# --- whatever else anybody may send -----------------------------------------------------------------------------------

FIELDS = st.dictionaries(
    st.sampled_from(["id_token", "state", "error", "error_description", "lti_storage_target"]) | st.text(max_size=8),
    st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_-]{0,30}(\.[A-Za-z0-9_-]{0,30}){0,4}", fullmatch=True),
    max_size=6,
)
QUICK = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@QUICK
@given(fields=FIELDS)
def test_no_form_breaks_the_launch(crowded: Installation, fields: dict[str, str]) -> None:
    walker = crowded.walker()
    response = walker.post_form(FormPost(f"{crowded.base_url}{LAUNCH}", fields))
    assert 400 <= response.status_code < 500
    assert_refused(response, response.headers["reflect-error"])
    walker.client.close()


@QUICK
@given(body=st.binary(max_size=300))
def test_no_bytes_break_the_launch(crowded: Installation, body: bytes) -> None:
    headers = FRAME | {"Content-Type": "application/x-www-form-urlencoded"}
    with http_client() as client:
        response = client.post(crowded.base_url + LAUNCH, content=body, headers=headers)
    assert 400 <= response.status_code < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CLAIMS = st.sampled_from(
    ["iss", "aud", "azp", "sub", "iat", "exp", "nbf", "nonce", "name", "given_name", "family_name", "locale", DL]
    + [LTI + name for name in ("message_type", "version", "deployment_id", "target_link_uri", "resource_link")]
    + [LTI + name for name in ("roles", "context", "launch_presentation", "custom", "tool_platform", "for_user")]
)


@QUICK
@given(claims=st.dictionaries(CLAIMS, JSON, min_size=1, max_size=3))
def test_no_rightly_signed_claims_break_the_launch(crowded: Installation, claims: Claims) -> None:
    opened = scene(crowded)
    opened.login()
    response = opened.launch(alter_claims(lambda right: right | claims))
    if response.status_code != 303:
        assert 400 <= response.status_code < 500
        assert_refused(response, response.headers["reflect-error"])
    opened.walker.client.close()
