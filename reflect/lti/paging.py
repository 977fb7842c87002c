"""One list over many pages: `Link: <...>; rel="next"` is followed to the end, or there is no list (RFC 8288).

The header is read by httpx2. What Moodle gets wrong in it (`&amp;`, curly quotes) is put right before;
whatever then is not plainly a link is an error, since a page that is missed looks like people who left.
"""

import re
from collections.abc import AsyncGenerator, Collection
from typing import Final
from urllib.parse import urldefrag, urljoin

import httpx2

from reflect.lti.addresses import origin
from reflect.lti.outbound import Answer
from reflect.lti.service_refusals import ServiceRefused
from reflect.lti.services import Connection

MOST_PAGES: Final = 200
_ADDRESS: Final = re.compile(r"<[^<>]*>")
_REL: Final = re.compile(r"\brel\s*=", re.IGNORECASE)
_STRAIGHT: Final = str.maketrans({"“": '"', "”": '"', "„": '"'})


async def pages(
    connection: Connection, url: str, *, accept: str, scopes: Collection[str]
) -> AsyncGenerator[Answer, None]:
    """Every page from `url` on, at most `MOST_PAGES`, none twice; raises `ServiceRefused`."""
    following: str | None = url
    seen: set[str] = set()
    while following is not None:
        if following in seen:
            raise ServiceRefused("link_malformed", "the next page is one that came before")
        if len(seen) == MOST_PAGES:
            raise ServiceRefused("too_long", f"the list has more than {MOST_PAGES} pages")
        seen.add(following)
        answer = await connection.get(following, accept=accept, scopes=scopes)
        yield answer
        following = next_page(answer, following)


def next_page(answer: Answer, url: str) -> str | None:
    """The address of the page after the one at `url`; None after the last.

    Raises `ServiceRefused` `link_malformed`, or `link_elsewhere` if it is not on the same origin.
    """
    header = answer.headers.get("link", "").translate(_STRAIGHT).replace("&amp;", "&")
    parsed = httpx2.Response(answer.status, headers=httpx2.Headers({"link": header}, encoding="utf-8")).links
    links = [{name.lower(): value for name, value in link.items()} for link in parsed.values()]
    # The parser stops at what it does not understand, and then has no rel, or not the whole address, or
    # takes two links for one.
    params = _ADDRESS.sub("<", header)
    whole = all("rel" in link and f"<{link['url']}>" in header for link in links)
    if not whole or len(_REL.findall(params)) != params.count("<"):
        raise ServiceRefused("link_malformed", "the Link header cannot be read")
    following = next((link["url"] for link in links if "next" in link["rel"].lower().split()), None)
    if following is None:
        return None
    target = urldefrag(urljoin(url, following)).url
    if origin(target) is None or origin(target) != origin(url):
        raise ServiceRefused("link_elsewhere", "the next page is not where the first one is")
    return target
