"""A browser without a browser: walks a launch from login, through the campus, to the tool."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from reflect.demo.authorization import FormPost, answer
from reflect.demo.claims import Occasion
from reflect.demo.forgeries import FORGERIES
from reflect.demo.forging import Forge, Forgery
from reflect.demo.people import Activity, Course, Person
from reflect.demo.platform import CampusPlatform
from reflect.demo.tools import Tool

SomePerson = Person | str
SomeCourse = Course | str
SomeActivity = Activity | str
SomeForgery = Forgery | Forge | str | None

FRAME = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Accept": "text/html"}


# Reading the machine's certificates takes 24 ms, and no test goes anywhere by TLS.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def http_client() -> httpx2.Client:
    """A client for servers on this machine, without the environment's proxies."""
    return httpx2.Client(trust_env=False, timeout=20, verify=NO_CERTIFICATES)


@dataclass(frozen=True)
class Cookie:
    """A cookie as the browser keeps it; `attributes` are its names in small letters with their values."""

    value: str
    attributes: Mapping[str, str]

    def goes_to(self, path: str) -> bool:
        """Say whether the cookie is sent with a request for this path (RFC 6265 5.1.4)."""
        own = self.attributes.get("path") or "/"
        return path == own or path.startswith(own.rstrip("/") + "/")


@dataclass
class Walker:
    """One browser of one person, with its own cookies; `tool` is by default the first the platform knows.

    Cookies are kept and sent whatever their Secure says, as browsers do for http://localhost; tests may look
    at `cookies` and change them. `asked` is the tool's last authentication request, `form` the answer to it.
    """

    tool_base_url: str
    platform: CampusPlatform
    tool: Tool | None = None
    client: httpx2.Client = field(default_factory=http_client)
    cookies: dict[str, Cookie] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    form: FormPost | None = None

    def login(
        self,
        person: SomePerson,
        course: SomeCourse,
        activity: SomeActivity,
        method: str = "POST",
        **extra: Any,
    ) -> httpx2.Response:
        """Begin a launch at the tool's login; in `extra` None leaves a parameter out, a list repeats it.

        People, courses and activities may be given by their ids.
        """
        initiation: dict[str, Any] = self.platform.begin(self._occasion(person, course, activity)) | extra
        parameters = {name: value for name, value in initiation.items() if value is not None}
        response = self._send(method, self._tool().login_url, parameters, self._cross_site())
        self.asked = authentication_request(response)
        return response

    def authorize(self, forgery: SomeForgery = None, **changes: str) -> FormPost:
        """Let the campus answer the tool's request, forged or not; `changes` alter the request."""
        self.form = answer(self.platform, self.asked | changes, as_forgery(forgery))
        return self.form

    def launch(self, forgery: SomeForgery = None, **changes: Any) -> httpx2.Response:
        """Authorize, and post the campus's form to the tool; in `changes` None leaves a field out."""
        form = self.authorize(forgery)
        fields = {name: value for name, value in {**form.fields, **changes}.items() if value is not None}
        return self.post_form(FormPost(form.action, fields))

    def post_form(self, form: FormPost) -> httpx2.Response:
        """Post a form of the campus's to the tool, as often as wanted."""
        return self._send("POST", form.action, dict(form.fields), self._cross_site())

    def walk(
        self, person: SomePerson, course: SomeCourse, activity: SomeActivity, forgery: SomeForgery = None
    ) -> httpx2.Response:
        """Do the whole of a launch, and return the tool's answer to it."""
        self.login(person, course, activity)
        return self.launch(forgery)

    def get(self, url: str) -> httpx2.Response:
        """Ask the tool for a page, as a link or a redirect would; `url` may be relative."""
        return self._send("GET", url, {}, FRAME | {"Sec-Fetch-Site": "same-origin"})

    def post(self, url: str, fields: Mapping[str, str]) -> httpx2.Response:
        """Send a form of the tool's own pages."""
        headers = FRAME | {"Origin": origin(self.tool_base_url), "Sec-Fetch-Site": "same-origin"}
        return self._send("POST", url, dict(fields), headers)

    def follow(self, response: httpx2.Response) -> httpx2.Response:
        """Follow redirects to the page they lead to."""
        while response.has_redirect_location:
            response = self.get(urljoin(str(response.url), response.headers["location"]))
        return response

    def _send(self, method: str, url: str, fields: dict[str, Any], headers: dict[str, str]) -> httpx2.Response:
        url = urljoin(self.tool_base_url, url)
        sent = headers | self._cookie_header(urlsplit(url).path)
        data, params = (fields, None) if method == "POST" else (None, fields or None)
        response = self.client.request(method, url, data=data, params=params, headers=sent, follow_redirects=False)
        self.client.cookies.clear()
        self._keep_cookies(response)
        return response

    def _cookie_header(self, path: str) -> dict[str, str]:
        sent = [f"{name}={cookie.value}" for name, cookie in self.cookies.items() if cookie.goes_to(path)]
        return {"Cookie": "; ".join(sent)} if sent else {}

    def _keep_cookies(self, response: httpx2.Response) -> None:
        for line in response.headers.get_list("set-cookie"):
            pair, *attributes = (part.strip() for part in line.split(";"))
            name, _, value = pair.partition("=")
            named = {key.lower(): text for key, _, text in (part.partition("=") for part in attributes)}
            if named.get("max-age") == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = Cookie(value, named)

    def _occasion(self, person: SomePerson, course: SomeCourse, activity: SomeActivity) -> Occasion:
        school = self.platform.school
        person = school.person(person) if isinstance(person, str) else person
        course = school.course(course) if isinstance(course, str) else course
        activity = course.activity(activity) if isinstance(activity, str) else activity
        return Occasion(person, course, activity, self._tool(), activity.opens_in)

    def _tool(self) -> Tool:
        return self.tool or next(iter(self.platform.tools.values()))

    def _cross_site(self) -> dict[str, str]:
        return FRAME | {"Origin": origin(self.platform.base_url), "Sec-Fetch-Site": "cross-site"}


# What a parser of the whole page would take 4 ms for, at each launch.
NEXT_LINK = re.compile(r'<a\b(?=[^>]*\srel="next")[^>]*\shref="([^"]*)"')


def authentication_request(response: httpx2.Response) -> dict[str, str]:
    """Return the parameters a login's answer sends to the platform: by Location, or by its a[rel=next]."""
    address = response.headers.get("location", "")
    if not address:
        link = NEXT_LINK.search(response.text)
        address = unescape(link[1]) if link else ""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def as_forgery(forgery: SomeForgery) -> Forgery | None:
    """Return a forgery by its number, or made of a single forge."""
    if isinstance(forgery, str):
        return FORGERIES[forgery]
    return forgery if forgery is None or isinstance(forgery, Forgery) else Forgery(forge=forgery)


def origin(address: str) -> str:
    """Return the origin of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
