"""The walker, tried against a tool of a few lines that judges launches by plain PyJWT."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import jwt
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from reflect.demo.forging import alter_claims
from reflect.demo.platform import CampusPlatform
from reflect.demo.tools import Tool
from tests.walker import Walker

BASE = "http://localhost:8000"
TOOL = Tool("small-tool", "1", f"{BASE}/lti/login", f"{BASE}/lti/launch", f"{BASE}/app")


class SmallTool:
    """A tool that says hello by name, to who comes back with the cookie it gave at login."""

    def __init__(self, platform: CampusPlatform, by_link: bool) -> None:
        self.platform = platform
        self.by_link = by_link
        self.logins: list[dict[str, list[str]]] = []
        self.origins: list[str] = []

    async def login(self, request: Request) -> Response:
        asked = await request.form() if request.method == "POST" else request.query_params
        self.logins.append({name: [str(value) for value in asked.getlist(name)] for name in asked})
        question = {
            **{
                "scope": "openid",
                "response_type": "id_token",
                "response_mode": "form_post",
                "prompt": "none",
            },
            **{"client_id": TOOL.client_id, "redirect_uri": TOOL.launch_url, "state": "s-1", "nonce": "n-1"},
            **{name: str(asked.get(name)) for name in ("login_hint", "lti_message_hint")},
        }
        address = f"{self.platform.base_url}/authorize?{urlencode(question)}"
        page = f'<a href="/help">?</a><a rel="next" href="{address.replace("&", "&amp;")}">On</a>'
        response = HTMLResponse(page) if self.by_link else RedirectResponse(address, 303)
        response.headers["set-cookie"] = "state=s-1; Path=/lti; Secure; HttpOnly; SameSite=None; Partitioned"
        return response

    async def launch(self, request: Request) -> Response:
        form = await request.form()
        self.origins.append(request.headers["origin"])
        if request.cookies.get("state") != form.get("state"):
            return PlainTextResponse("another browser", 401)
        try:
            key = jwt.PyJWKSet.from_dict(self.platform.keyset())[self.platform.key.kid]
            claims = jwt.decode(str(form["id_token"]), key, ["RS256"], audience=TOOL.client_id)
        except jwt.PyJWTError as refusal:
            return PlainTextResponse(type(refusal).__name__, 401)
        response = RedirectResponse(f"/hello?{urlencode({'name': claims['name']})}", 303)
        response.headers.append("set-cookie", "state=; Path=/lti; Max-Age=0")
        response.headers.append("set-cookie", "__Host-session=x; Path=/; Secure; HttpOnly")
        return response

    async def hello(self, request: Request) -> Response:
        return PlainTextResponse(f"{request.query_params['name']} with {sorted(request.cookies)}")


Walking = Callable[[bool], tuple[Walker, SmallTool]]


@pytest.fixture(scope="module")
def platform() -> CampusPlatform:
    return CampusPlatform("http://127.0.0.1:8001", TOOL)


@pytest.fixture
def walking(platform: CampusPlatform) -> Iterator[Walking]:
    def start(by_link: bool = False) -> tuple[Walker, SmallTool]:
        tool = SmallTool(platform, by_link)
        routes = [
            Route("/lti/login", tool.login, methods=["GET", "POST"]),
            Route("/lti/launch", tool.launch, methods=["POST"]),
            Route("/hello", tool.hello),
        ]
        return Walker(BASE, platform, client=TestClient(Starlette(routes=routes), base_url=BASE)), tool

    yield start


@pytest.mark.parametrize("by_link", [False, True])
def test_a_launch_is_walked_to_its_page_by_redirect_or_by_link(walking: Walking, by_link: bool) -> None:
    walker, tool = walking(by_link)
    page = walker.follow(walker.walk("7", "2", "1"))
    assert page.text == "قمر الحكاية with ['__Host-session']"
    assert tool.origins == ["http://127.0.0.1:8001"]


def test_secure_and_partitioned_cookies_are_kept_over_http_for_their_path(walking: Walking) -> None:
    walker, _ = walking(False)
    walker.login("7", "2", "1")
    assert walker.cookies["state"].attributes.keys() == {
        "path",
        "secure",
        "httponly",
        "samesite",
        "partitioned",
    }
    assert not walker.cookies["state"].goes_to("/hello")


def test_a_browser_that_lost_its_cookies_is_another_browser(walking: Walking) -> None:
    walker, _ = walking(False)
    walker.login("7", "2", "1")
    walker.cookies.clear()
    assert walker.launch().text == "another browser"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_login_can_be_altered(walking: Walking, method: str) -> None:
    walker, tool = walking(False)
    walker.login("7", "2", "1", method, iss=["a", "b"], client_id=None, extra="1")
    assert tool.logins[0]["iss"] == ["a", "b"]
    assert tool.logins[0]["extra"] == ["1"]
    assert "client_id" not in tool.logins[0]


def test_a_launch_can_be_forged_by_number_or_by_hand(walking: Walking) -> None:
    walker, _ = walking(False)
    assert walker.walk("7", "2", "1", "B19-other").text == "InvalidAudienceError"
    assert "Ann" in walker.walk("7", "2", "1", alter_claims(lambda c: c | {"name": "Ann"})).headers["location"]


def test_a_launch_can_be_sent_twice_and_with_other_fields(walking: Walking) -> None:
    walker, tool = walking(False)
    walker.login("7", "2", "1")
    assert walker.launch(state="s-2").text == "another browser"
    assert walker.form is not None
    walker.post_form(walker.form)
    assert len(tool.origins) == 2
