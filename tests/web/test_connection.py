"""The connection test against platforms with faults: each finding says what it is and what to do."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from reflect.lti import Outbound, Platform
from reflect.lti.keys import keyset
from reflect.lti.tokens import Tokens
from reflect.settings import Settings
from reflect.web.connection import Finding, Subject, examine
from tests.pairs import pairs
from tests.servers import listening, serving

PAIR = next(pairs())
KEYSET, CLOCKS, TOKEN = "The keyset of the LMS", "The clocks agree", "The LMS lets Reflect ask"
HOSTS = "The LMS keeps rosters and gradebooks on hosts"
NAMES, NEAR = "The LMS shares people’s names", "Browsers may open Reflect"


class Lms:
    """A keyset and a token service whose answers the tests change."""

    keyset: Response = JSONResponse(keyset([PAIR.public_jwk]))
    token: Response = JSONResponse({"access_token": "abc", "token_type": "Bearer", "expires_in": 3600})

    def __init__(self, base_url: str) -> None:
        self.platform = Platform(
            1, base_url, "client", f"{base_url}/auth", f"{base_url}/token", f"{base_url}/jwks", None, True
        )

    async def serve_keyset(self, _request: Request) -> Response:
        return self.keyset

    async def serve_token(self, _request: Request) -> Response:
        return self.token


class Yesterday(BaseHTTPRequestHandler):
    """A server that lives in another time."""

    def do_GET(self) -> None:
        """Serve the keyset."""
        self.send_response_only(200)
        self.send_header("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(json.dumps(keyset([PAIR.public_jwk])).encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def lms() -> Iterator[Lms]:
    """One LMS on loopback."""
    bound = listening()
    found = Lms(f"http://127.0.0.1:{bound.getsockname()[1]}")
    routes = [
        Route("/jwks", found.serve_keyset),
        Route("/token", found.serve_token, methods=["POST"]),
        Route("/mod/lti/token.php", found.serve_token, methods=["POST"]),
    ]
    with serving(Starlette(routes=routes), bound):
        yield found


def examined(lms: Lms, base_url: str = "https://reflect.example", **changes: object) -> dict[str, Finding]:
    settings = Settings(_env_file=None, base_url=base_url)
    outbound = Outbound(["127.0.0.1"])
    services = (f"{lms.platform.issuer}/courses/2/members",)
    subject = replace(Subject("Campus", lms.platform, "1", PAIR, True, services=services), **changes)
    found = asyncio.run(examine(settings, outbound, Tokens(outbound), subject))
    return {finding.check: finding for finding in found}


def one(found: dict[str, Finding], check: str) -> tuple[bool | None, str]:
    (finding,) = [it for name, it in found.items() if name.startswith(check)]
    return finding.is_well, str(finding.told("en")["advice"])


def test_a_good_connection_has_no_advice(lms: Lms) -> None:
    found = examined(lms)
    assert [finding.is_well for finding in found.values()] == [True] * len(found)
    assert {finding.told("en")["advice"] for finding in found.values()} == {""}
    assert any("https://reflect.example/lti/launch" in str(finding.told("en")["check"]) for finding in found.values())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PlainTextResponse("<html>"), "not with a keyset"),
        (JSONResponse({"keys": [{"kty": "oct", "kid": "1", "k": "abc"}]}), "not with a keyset"),
        (PlainTextResponse("gone", 404), "status 404"),
        (PlainTextResponse("x" * 2_000_000), "far more than a keyset"),
    ],
)
def test_a_keyset_that_is_none(lms: Lms, answer: Response, words: str) -> None:
    lms.keyset = answer
    well, advice = one(examined(lms), KEYSET)
    assert well is False
    assert words in advice


def test_a_clock_that_is_wrong(lms: Lms) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Yesterday) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        late = replace(lms.platform, keyset_url=f"http://127.0.0.1:{server.server_port}/jwks")
        well, advice = one(examined(lms, platform=late), CLOCKS)
        server.shutdown()
    assert well is False
    assert "NTP" in advice


@pytest.mark.parametrize(
    ("answer", "is_well", "words"),
    [
        (JSONResponse({"error": "invalid_client"}, 400), False, "/lti/keys"),
        (PlainTextResponse("gone", 404), False, "access token URL"),
        (PlainTextResponse("<html>"), False, "access token URL"),
        (JSONResponse({"access_token": "abc", "token_type": "Bearer", "scope": ""}), None, "switched off in the LMS"),
    ],
)
def test_a_token_service_that_does_not_serve(lms: Lms, answer: Response, is_well: bool | None, words: str) -> None:
    lms.token = answer
    well, advice = one(examined(lms), TOKEN)
    assert well is is_well
    assert words in advice


def test_a_moodle_that_may_not_fetch_our_keys(lms: Lms) -> None:
    """It refuses private addresses and odd ports, and says so by a page with status 404."""
    lms.token = PlainTextResponse("<html>Error", 404)
    moodle = replace(lms.platform, token_url=f"{lms.platform.issuer}/mod/lti/token.php")
    well, advice = one(examined(lms, platform=moodle), TOKEN)
    assert well is False
    assert "fetch https://reflect.example/lti/keys" in advice


def test_what_a_launch_has_not_shown_yet(lms: Lms) -> None:
    assert one(examined(lms, shares_names=None), NAMES)[0] is None
    assert "Always" in one(examined(lms, shares_names=False), NAMES)[1]
    assert one(examined(lms, deployment_id=None), TOKEN)[0] is None


def test_an_lms_that_is_down(lms: Lms) -> None:
    gone = replace(lms.platform, keyset_url="http://127.0.0.1:1/jwks", token_url="http://127.0.0.1:1/token")
    found = examined(lms, platform=gone)
    assert "does not answer" in one(found, KEYSET)[1]
    assert "does not answer" in one(found, TOKEN)[1]


def test_reflect_on_a_private_network_under_a_public_lms(lms: Lms) -> None:
    public = replace(lms.platform, auth_url="https://8.8.8.8/auth")
    well, advice = one(examined(lms, base_url="https://192.168.1.5", platform=public), NEAR)
    assert well is False
    assert "Local Network Access" in advice
    assert one(examined(lms, base_url="https://192.168.1.5"), NEAR)[0] is True
    assert one(examined(lms, base_url="https://8.8.4.4", platform=public), NEAR)[0] is True


def test_services_on_a_host_that_is_not_listed(lms: Lms) -> None:
    elsewhere = ("https://api.campus.example/roster", "https://api.campus.example:8443/items", lms.platform.keyset_url)
    well, advice = one(examined(lms, services=elsewhere), HOSTS)
    assert well is False
    assert advice.startswith("Host api.campus.example, api.campus.example:8443 is not listed")
    assert "Edit" in advice
    half = frozenset({"api.campus.example:8443"})
    assert "Host api.campus.example is not listed" in one(examined(lms, services=elsewhere, hosts=half), HOSTS)[1]
    both = half | {"api.campus.example"}
    assert one(examined(lms, services=elsewhere, hosts=both), HOSTS) == (True, "")


def test_services_that_no_launch_has_named_yet(lms: Lms) -> None:
    assert one(examined(lms, services=()), HOSTS) == (None, "This shows at the first launch.")
