"""Whatever is sent to whichever address by whomever: never a fault of ours, and every refusal has its code.

The addresses are those of the routing table, so that a new one is tried at once. `REFLECT_FUZZ=500` tries each with so
many requests of chance in place of a few that are always the same.
"""

import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPResponse

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select
from starlette.routing import Route

from reflect.storage.registrations import RegistrationKey
from reflect.web.routes import ROUTES
from tests.faults.strange import Strange, all_of, strange
from tests.installation import Installation
from tests.web.admin.portal import signed_in
from tests.web.api.warehouse import warehouse
from tests.web.dialogs import STUDENT, TEACHER, arrives
from tests.web.test_routes import visitor

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("REFLECT_FUZZ", "0"))
few = settings(
    derandomize=not EXAMPLES,
    max_examples=EXAMPLES or 5,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
SECURITY = ("x-content-type-options", "content-security-policy")
ROLES = ("teacher", "assistant", "learner", "observer", "none", "author")
NOTHING = {b"Host": b"localhost", b"Sec-Fetch-Site": b"same-origin"}


@dataclass
class Line:
    """A connection that is kept, and opened anew when it was closed."""

    address: tuple[str, int]
    open: socket.socket | None = None

    def ask(self, method: str, sent: bytes) -> tuple[HTTPResponse, bytes]:
        """Send bytes; the answer with its body."""
        for _ in range(2):
            self.open = self.open or socket.create_connection(self.address, timeout=30)
            try:
                self.open.sendall(sent)
                answer = HTTPResponse(self.open, method=method)
                answer.begin()
                body = answer.read()
            except (ConnectionError, ValueError):
                self.hang_up()
                continue
            if answer.getheader("connection") == "close":
                self.hang_up()
            return answer, body
        raise AssertionError(f"no answer to {sent[:300]!r}")

    def hang_up(self) -> None:
        if self.open is not None:
            self.open.close()
        self.open = None


@dataclass
class Crowd:
    """Everybody who may come, as the headers that say so, and the tab in their addresses."""

    line: Line
    people: dict[str, tuple[dict[bytes, bytes], bytes]] = field(default_factory=dict)

    def sends(self, who: str, request: Strange) -> None:
        """Send it as somebody, and look at the answer."""
        always, tab = self.people[who]
        answer, body = self.line.ask(request.method, request.as_sent(always, tab))
        assert_sound(answer, body)


def assert_sound(answer: HTTPResponse, body: bytes) -> None:
    """No fault of ours, a code on every refusal, nothing of our inside, and the headers of every answer."""
    code = answer.getheader("reflect-error")
    assert answer.status < 500 or code in {"oidc_unavailable", "configuration_unavailable"}, (answer.status, code)
    assert answer.status < 400 or code, answer.status
    assert b"Traceback" not in body and b'File "/' not in body and b"<script>alert(1)" not in body
    assert all(answer.getheader(name) for name in SECURITY), answer.getheaders()


@pytest.fixture(scope="module")
def crowd(shared: Installation) -> Iterator[Crowd]:
    teacher = arrives(shared, TEACHER)
    for anonymity in ("named", "anonymous", "named"):
        teacher.goes_to("/app") if "/checkins/new" not in teacher.page.text else None
        number = teacher.asks("How was the bridge?", asks_note="yes", anonymity=anonymity)
        student = arrives(shared, STUDENT)
        student.goes_to(f"/checkins/{number}")
        student.sends(r"/checkins/\d+/answers", {"choice": "calm", "note": "hm"})
        teacher = arrives(shared, TEACHER)
    host, port = "127.0.0.1", int(shared.base_url.rpartition(":")[2])
    found = Crowd(Line((host, port)), {"nobody": (NOTHING, b"")})
    for role in ROLES:
        visit = visitor(shared, role, is_own=True)
        tab = re.search(r"[?&](tab=\w+)", str(visit.page.url) + visit.page.text)
        assert tab
        cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in visit.walker.cookies.items())
        found.people[role] = (NOTHING | {b"Cookie": cookies.encode()}, tab[1].encode())
    portal = signed_in(shared)
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in portal.walker.cookies.items())
    found.people["admin"] = (NOTHING | {b"Cookie": cookies.encode()}, b"")
    key = warehouse(shared, "anonymous", "named").secret
    found.people["warehouse"] = (NOTHING | {b"Authorization": f"Bearer {key}".encode()}, b"")
    yield found
    found.line.hang_up()


def likely(route: Route) -> tuple[str, ...]:
    """Whoever gets furthest at an address, and somebody who gets nowhere."""
    if route.path.startswith("/admin"):
        return ("admin", "admin", "admin", "nobody", "teacher")
    if route.path.startswith("/api/"):
        return ("warehouse", "warehouse", "nobody", "teacher")
    return (*ROLES, "teacher", "learner", "teacher", "learner", "nobody", "admin")


@pytest.mark.parametrize("route", all_of(ROUTES), ids=lambda route: route.name)
def test_nothing_that_is_sent_breaks_an_address(crowd: Crowd, route: Route) -> None:
    @few
    @given(st.sampled_from(likely(route)), strange(route))
    def holds(who: str, request: Strange) -> None:
        crowd.sends(who, request)

    holds()


@pytest.mark.parametrize(
    "start",
    [
        b"GET /\0 HTTP/1.1\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\n",
        b"GET /%ff%fe%00 HTTP/1.1\r\n",
        b"GET //x//..//..//etc/passwd HTTP/1.1\r\n",
        b"GET /static/..%2f..%2fpyproject.toml HTTP/1.1\r\n",
        b"GET /static/%00 HTTP/1.1\r\n",
        b"GET /static/" + b"a" * 5000 + b" HTTP/1.1\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\n",
        b"OPTIONS * HTTP/1.1\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\n",
        b"GET / HTTP/9.9\r\n",
        b"BREW / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        b"POST /languages HTTP/1.1\r\nContent-Length: -1\r\n",
        b"POST /languages HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000,
        b"GET / HTTP/1.1\r\n no-name\r\n",
        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
    ],
    ids=lambda start: start[:60].decode("latin-1"),
)
def test_what_is_hardly_http_is_refused_or_served(crowd: Crowd, start: bytes) -> None:
    crowd.line.hang_up()
    answer, body = crowd.line.ask("GET", start + b"Host: localhost\r\nConnection: close\r\n\r\n")
    crowd.line.hang_up()
    assert_sound(answer, body)


def test_a_fault_would_be_noticed(installation: Installation) -> None:
    def spoil(db: Session) -> None:
        db.exec(select(RegistrationKey)).one().public_jwk = "spoilt"

    installation.database.write_now(spoil)
    crowd = Crowd(Line(("127.0.0.1", int(installation.base_url.rpartition(":")[2]))), {"nobody": (NOTHING, b"")})
    with pytest.raises(AssertionError, match="broken"):
        crowd.sends("nobody", Strange("GET", "/lti/keys", b"", (), None))
    crowd.line.hang_up()
