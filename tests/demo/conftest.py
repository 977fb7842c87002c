import json
from collections.abc import Callable, Iterator

import jwt
import pytest
from starlette.testclient import TestClient

from reflect.demo.campus import create_campus
from reflect.demo.claims import Occasion
from reflect.demo.platform import CampusPlatform
from reflect.demo.tokens import Claims
from reflect.demo.tools import Tool

from .services import Client, campus_with_client

ISSUER = "http://127.0.0.1:8001"

Verify = Callable[[str], Claims]


@pytest.fixture(scope="session")
def tool() -> Tool:
    origin = "http://localhost:8000"
    return Tool("reflect-demo", "1", f"{origin}/lti/login", f"{origin}/lti/launch", f"{origin}/app")


@pytest.fixture(scope="session")
def other_tool() -> Tool:
    return Tool("other", "22", "https://other.example/login", "https://other.example/launch", "https://other.example/")


@pytest.fixture(scope="session")
def platform(tool: Tool, other_tool: Tool) -> CampusPlatform:
    return CampusPlatform(ISSUER, tool, other_tool)


@pytest.fixture
def campus(platform: CampusPlatform, tool: Tool) -> TestClient:
    return TestClient(create_campus(platform, tool), base_url=ISSUER, follow_redirects=False)


@pytest.fixture
def client() -> Iterator[Client]:
    """A tool's server before a running campus."""
    with campus_with_client() as client:
        yield client


@pytest.fixture
def occasion(platform: CampusPlatform, tool: Tool) -> Occasion:
    course = platform.school.course("2")
    return Occasion(platform.school.person("6"), course, course.activity("1"), tool, "iframe")


@pytest.fixture
def verify(campus: TestClient, tool: Tool) -> Verify:
    """Check an id_token as any tool would, by the published keys alone."""

    def check(token: str) -> Claims:
        keys = jwt.PyJWKSet.from_json(json.dumps(campus.get("/jwks").json()))
        key = keys[jwt.get_unverified_header(token)["kid"]]
        return jwt.decode(token, key, ["RS256"], audience=tool.client_id, issuer=ISSUER, options={"require": ["exp"]})

    return check
