"""Strange requests, generated from the table of routes, the forms of the templates and what browsers send as headers."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st
from starlette.routing import BaseRoute, Route

from reflect.files import TEMPLATES

METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND")
IDS = (
    "1",
    "2",
    "3",
    "0",
    "-1",
    "007",
    "2147483648",
    "9223372036854775808",
    "9" * 400,
    "1e3",
    "%00",
    "%F0%9F%A6%94",
    "١",
)
NASTY = (
    b"", b"\0", b"a\0b", b"\xff\xfe", b"\xed\xa0\x80", "\u202eabc".encode(), "🦔".encode() * 200, b"<script>alert(1)</script>",
    b"' OR 1=1 --", b"{{7*7}}", b"%s%s%n", b"../../etc/passwd", b"-1", b"0", b"1", b"2147483648", b"9" * 400, b"1e308", b"NaN",
    b"x" * 5000, b"yes", b"on", b"calm", b"named", b"anonymous", b"at_close", b"in_steps", b"2026-02-30", b"0000-00-00T00:00",
    b"9999-12-31T23:59", b"2026-12-01T09:00", b"Europe/London", b"\r\nSet-Cookie: a=b", b"a@b.example", b"https://[::1", b"http://x:99999/",
)  # fmt: skip
TYPES = (
    b"application/x-www-form-urlencoded", b"application/x-www-form-urlencoded; charset=utf-16", b"multipart/form-data",
    b"multipart/form-data; boundary=", b"multipart/form-data; boundary=xx", b"application/json", b"text/plain", b"", b"\xff/\xff", b"a" * 3000,
)  # fmt: skip
HEADERS: dict[bytes, tuple[bytes, ...]] = {
    b"Accept": (b"text/html", b"application/json", b"*/*", b"", b"\xff", b"text/html;q=NaN"),
    b"Accept-Language": (b"de", b"ar", b"xx-YY-zz;q=9", b"*" * 500, b"\xc3\xa9", b"en;q=,,,", b"../../x", b"de-" + b"a" * 3000),
    b"Accept-Encoding": (b"gzip", b"br;q=x", b"identity;q=0", b"\xff"),
    b"Authorization": (b"Bearer", b"Bearer x", b"Bearer \xff\xfe", b"Basic YTpi", b"Basic %%%", b"Bearer " + b"x" * 5000, b"\xe9"),
    b"Cookie": (b"=", b";;;", b"a", b"__Host-reflect-tab-1=x", b"__Host-reflect-tab-\xff=\xfe", b"__Host-reflect-admin=x; " * 50, b'a="\\'),
    b"If-None-Match": (b"*", b'"x"', b"W/", b"\xff", b'"' * 999),
    b"If-Modified-Since": (b"never", b"Thu, 01 Jan 1970 00:00:00 GMT", b"\xff"),
    b"Range": (b"bytes=0-", b"bytes=-1,5-2,x", b"lines=1", b"bytes=" + b"0-1," * 500),
    b"Sec-Fetch-Site": (b"cross-site", b"same-origin", b"none", b"\xff"),
    b"Sec-Fetch-Mode": (b"navigate", b"\xff"),
    b"Sec-Fetch-Dest": (b"iframe", b"\xff"),
    b"Origin": (b"null", b"https://evil.example", b"\xff", b"http://["),
    b"Referer": (b"\xff", b"http://[", b"https://evil.example/" + b"x" * 3000),
    b"X-Forwarded-For": (b"1.2.3.4, x", b"::ffff:999", b"\xff", b"1," * 999, b"fe80::1%eth0", b"[::1]:9", b"[:", b"1.2.3.4:9"),
    b"X-Forwarded-Host": (b"evil.example",),
    b"Host": (b"evil.example", b"", b"[", b"\xff", b"localhost:99999"),
    b"HX-Request": (b"true", b"\xff"),
    b"HX-Target": (b"main", b"\xff", b"x" * 999),
    b"HX-Current-URL": (b"http://[", b"\xff"),
    b"Expect": (b"100-continue", b"x"),
    b"Request-Id": (b"\xff", b"x" * 3000),
    b"client-request-id": (b"\xff", b"x" * 3000),
}  # fmt: skip
FIELDS = sorted(
    {
        name
        for page in Path(TEMPLATES).rglob("*.html")
        for name in re.findall(r'name="([A-Za-z_][\w-]*)"', page.read_text())
    }
    | {"group-1", "tab", "lang", "chosen", "before", "after", "code", "state", "id_token", "iss", "login_hint", "target_link_uri",
       "lti_message_hint", "client_id", "ticket", "secret", "invitation", "openid_configuration", "registration_token", "page",
       "$filter", "$top", "$skiptoken", "$count", "$select", "result", "error", "error_description", "lti_storage_target"}
)  # fmt: skip
"""Every field that a form of ours has, and every parameter that others send."""
BODIES = (
    b"&" * 20_000, b"a=1&" * 10_000, b"=&=&=", b"%", b"%zz=%e0", b"a" * 100_000, b"\xff" * 100, b"{}", b"[[[[", b"--xx\r\n",
    b'--xx\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--xx', b"\0" * 50,
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class Strange:
    """One request, as bytes go."""

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes | None

    def __repr__(self) -> str:
        return f"{self.method} {self.path[:200]}?{self.query[:300]!r} {self.headers!r:.600} {self.body!r:.600}"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))

    def as_sent(self, always: dict[bytes, bytes], tab: bytes) -> bytes:
        """On the wire; a header of its own takes the place of one that is always sent, and may come twice."""
        query = b"&".join(part for part in (tab, self.query) if part)
        target = self.path.encode() + (b"?" + query if query else b"")
        own = {name for name, _ in self.headers}
        headers = [*((name, value) for name, value in always.items() if name not in own), *self.headers]
        if self.body is not None:
            if b"Content-Type" not in own:
                headers.append((b"Content-Type", b"application/x-www-form-urlencoded"))
            headers.append((b"Content-Length", b"%d" % len(self.body)))
        head = [b"%b %b HTTP/1.1" % (self.method.encode(), target), *(b": ".join(pair) for pair in headers)]
        return b"\r\n".join([*head, b"", self.body or b""])


values = st.one_of(
    st.sampled_from(NASTY), st.sampled_from(NASTY), st.binary(max_size=40), st.text(max_size=40).map(str.encode)
)
names = st.one_of(
    st.sampled_from(FIELDS).map(str.encode), st.sampled_from(FIELDS).map(str.encode), st.sampled_from(NASTY)
)
pairs = st.lists(st.tuples(names, values), max_size=12)
headers = st.lists(
    st.sampled_from(sorted(HEADERS)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(HEADERS[name]))),
    max_size=4,
).map(tuple)


def encoded(fields: list[tuple[bytes, bytes]]) -> bytes:
    return b"&".join(b"=".join(quote_from_bytes(part).encode() for part in pair) for pair in fields)


bodies = st.one_of(
    pairs.map(encoded), pairs.map(encoded), pairs.map(encoded), st.sampled_from(BODIES), st.binary(max_size=200)
)


@st.composite
def strange(draw: Any, route: Route) -> Strange:
    """A request for a route: most with a method that it has and ids that may be there, and all else at random."""
    own = sorted((route.methods or {"GET"}) - {"HEAD"})
    method = draw(st.sampled_from([*own * 8, *METHODS]))

    def segment(_match: re.Match[str]) -> str:
        return str(draw(st.sampled_from([*"111122223", *IDS])))

    path = re.sub(r"\{\w+(?::\w+)?\}", segment, route.path)
    more = draw(headers)
    body = None
    if method not in {"GET", "HEAD"}:
        body = draw(bodies)
        if draw(st.integers(0, 9)) == 0:
            more = (*more, (b"Content-Type", draw(st.sampled_from(TYPES))))
    query = draw(
        st.one_of(
            st.just(b""), pairs.map(encoded), st.sampled_from([b"%", b"%00", b"&&&", b"tab=", b"a=%ff", b"x" * 3000])
        )
    )
    return Strange(method, path, query, more, body)


def all_of(routes: list[BaseRoute]) -> list[Route]:
    """Every route with an address, those that end something last, so that the others are met by people signed in."""
    found = [route for route in routes if isinstance(route, Route)]
    ends = re.compile(r"sessions/end|erasures|revocations|removals|closures|withdrawals|deletions|disab|admin/sessions")
    return sorted(found, key=lambda route: bool(ends.search(route.path)))
