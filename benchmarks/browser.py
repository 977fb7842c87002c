"""What a browser does in a launch, as bytes built beforehand: forms, cookies, and the way from login to launch."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.generator import Reply, drive
from benchmarks.lms import CLIENT_ID, DEPLOYMENT_ID, ISSUER, Lms, Person

SIGN_IN_AT_ONCE = 8
_NEXT = re.compile(r"<a\b(?=[^>]*\brel=\"?next\b)[^>]*\bhref=\"([^\"]+)\"", re.IGNORECASE)


@dataclass(frozen=True)
class Tool:
    """Where an LTI tool on this machine takes logins and launches."""

    port: int
    login_path: str
    launch_path: str

    @property
    def host(self) -> str:
        """The host that a browser would name."""
        return f"localhost:{self.port}"

    @property
    def target(self) -> str:
        """The tool URL as the LMS has it."""
        return f"http://{self.host}{self.launch_path}"


@dataclass(frozen=True)
class Asked:
    """A tool's answer to a login: what it asks the LMS for, and the cookies that bind the browser."""

    state: str
    nonce: str
    cookies: Mapping[str, str]


@dataclass(frozen=True)
class SignedIn:
    """Where a launch led, and the cookies that go along."""

    location: str
    cookies: Mapping[str, str]


PART = ("HX-Request: true", "HX-Request-Type: partial")
"""What htmx says where it wants a part of a page only."""


def post(
    host: str, path: str, fields: Mapping[str, str], cookies: Mapping[str, str], site: str, also: Sequence[str] = ()
) -> bytes:
    """A form sent by a browser; `site` is the value of Sec-Fetch-Site, `also` are more lines of the head."""
    body = urlencode(fields).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        *_usual_headers(host, cookies, site),
        f"Origin: {ISSUER if site == 'cross-site' else f'http://{host}'}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *also,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def get(host: str, path: str, cookies: Mapping[str, str], also: Sequence[str] = ()) -> bytes:
    """A page asked for by a browser that is already there."""
    lines = [f"GET {path} HTTP/1.1", *_usual_headers(host, cookies, "same-origin"), *also]
    return "\r\n".join([*lines, "", ""]).encode()


def login(tool: Tool, person: Person) -> bytes:
    """The third-party-initiated login as Moodle's page posts it."""
    fields = {
        "iss": ISSUER,
        "target_link_uri": tool.target,
        "login_hint": str(person.number),
        "lti_message_hint": '{"cmid":2,"launchid":"ltilaunch1_1744877723"}',
        "client_id": CLIENT_ID,
        "lti_deployment_id": DEPLOYMENT_ID,
    }
    return post(tool.host, tool.login_path, fields, {}, "cross-site")


def asked(reply: Reply) -> Asked | None:
    """The authentication request, in the Location or behind the page's rel=next link; None where there is none."""
    links = [html.unescape(link) for link in _NEXT.findall(reply.body.decode("utf-8", "replace"))]
    found = reply.header("location") or links
    query = parse_qs(urlsplit(found[0]).query) if found else {}
    if not {"state", "nonce"} <= query.keys():
        return None
    return Asked(query["state"][0], query["nonce"][0], cookies_set(reply))


def launch(tool: Tool, lms: Lms, person: Person, answer: Asked, lives: int = 60) -> bytes:
    """The launch as the LMS's page posts it, good for so many seconds."""
    token = lms.id_token(person, answer.nonce, tool.target, lives)
    fields = {"id_token": token, "state": answer.state}
    return post(tool.host, tool.launch_path, fields, answer.cookies, "cross-site")


def sign_in(tool: Tool, lms: Lms, people: Sequence[Person]) -> list[SignedIn]:
    """Launches everybody once, untimed; raises RuntimeError where a tool refuses."""
    logins = drive(tool.port, [login(tool, person) for person in people], SIGN_IN_AT_ONCE).replies
    answers = [answer for reply in logins if (answer := asked(reply))]
    if len(answers) < len(people):
        raise RuntimeError(f"a login was refused: {logins[0].status} {logins[0].body[:500]!r}")
    launches = [launch(tool, lms, person, answer) for person, answer in zip(people, answers, strict=True)]
    return [
        signed_in(reply, answer)
        for reply, answer in zip(drive(tool.port, launches, SIGN_IN_AT_ONCE).replies, answers, strict=True)
    ]


def signed_in(reply: Reply, answer: Asked) -> SignedIn:
    """The session that a launch began; raises RuntimeError where the tool did not redirect into the app."""
    location = reply.header("location")
    if reply.status not in {302, 303} or not location:
        raise RuntimeError(f"a launch was refused: {reply.status} {reply.body[:500]!r}")
    parts = urlsplit(location[0])
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return SignedIn(path, {**answer.cookies, **cookies_set(reply)})


def cookies_set(reply: Reply) -> dict[str, str]:
    """The cookies that a browser would keep; those being deleted come as empty values and are left out."""
    pairs = (value.split(";", 1)[0].partition("=") for value in reply.header("set-cookie"))
    return {name.strip(): value for name, _, value in pairs if value}


def _usual_headers(host: str, cookies: Mapping[str, str], site: str) -> list[str]:
    lines = [
        f"Host: {host}",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language: en-GB",
        f"Sec-Fetch-Site: {site}",
        "Sec-Fetch-Mode: navigate",
    ]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    return lines
