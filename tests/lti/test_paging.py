import asyncio
from collections.abc import Callable

import pytest

from reflect.lti.outbound import Answer
from reflect.lti.paging import MOST_PAGES, next_page, pages
from reflect.lti.service_refusals import ServiceRefused

from .campus import Reply
from .service_platform import RECORDED, ServicePlatform, refusal_code, reply

URL = "https://lms.example.org/services.php/2/list?type_id=1"


def following(link: str | None, url: str = URL) -> str | None:
    return next_page(Answer(200, {} if link is None else {"link": link}, b""), url)


def refused(link: str, url: str = URL) -> str:
    with pytest.raises(ServiceRefused) as raised:
        following(link, url)
    return refusal_code(raised)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<https://lms.example.org/x?p=2>; rel="next"', "https://lms.example.org/x?p=2"),
        ("<https://lms.example.org/x>;rel=next", "https://lms.example.org/x"),
        ("<https://lms.example.org/x>; rel='next'", "https://lms.example.org/x"),
        ("<https://lms.example.org/x>; REL=Next", "https://lms.example.org/x"),
        ('<https://lms.example.org/x>; rel="last next"', "https://lms.example.org/x"),
        (
            '<https://lms.example.org/P>; rel="prev", <https://lms.example.org/N>; rel="next"',
            "https://lms.example.org/N",
        ),
        ('<https://lms.example.org/N>; title="n"; rel="next",</p>; rel=prev', "https://lms.example.org/N"),
        ('<https://lms.example.org:443/x>; rel="next"', "https://lms.example.org:443/x"),
        ('<?from=3>; rel="next"', "https://lms.example.org/services.php/2/list?from=3"),
        ('</a?rel=1>; rel="alternate", </b>; rel="alternate", </c>; rel="next"', "https://lms.example.org/c"),
        ('</list/2>; rel="next"', "https://lms.example.org/list/2"),
        ('<3>; rel="next"', "https://lms.example.org/services.php/2/3"),
        ('<//lms.example.org/x#part>; rel="next"', "https://lms.example.org/x"),
        ('<https://lms.example.org/x?a=1,2&b=ü>; rel="next"', "https://lms.example.org/x?a=1,2&b=ü"),
        ('<https://lms.example.org/x>; rel="prev"', None),
        ('<https://lms.example.org/x>; rel="differences", </>; rel=first', None),
        ('<https://lms.example.org/x>; rel="nextish"', None),
        *((" ", None), ("", None), (None, None)),
    ],
)
def test_the_next_page_is_read_from_the_link_header(link: str | None, expected: str | None) -> None:
    assert following(link) == expected


def test_moodles_broken_link_header_is_put_right() -> None:
    recorded = RECORDED["line_items_first_of_pages"]["headers"]["Link"]
    assert "&amp;" in recorded and "“next”" in recorded
    url = "https://moodle.test:8443/mod/lti/services.php/2/lineitems?type_id=1&limit=1"
    assert following(recorded, url) == url + "&from=1"


@pytest.mark.parametrize(
    "link",
    [
        *("nonsense", "<https://lms.example.org/x>", 'https://lms.example.org/x; rel="next"', "rel=next", ";", ","),
        '<https://lms.example.org/x>; title="a=b"; rel="next"',
        '<https://lms.example.org/x;jsessionid=1?p=2>; rel="next"',
        '<https://lms.example.org/x;j=1>; rel="next"',
        '<https://lms.example.org/ x >; rel="next',
        '<https://lms.example.org/x; rel="next"',
        '<https://lms.example.org/a>; rel="prev", https://lms.example.org/b; rel="next"',
        '<https://lms.example.org/a>; rel="prev"; rel="next"',
        '< https://lms.example.org/x>; rel="next"',
    ],
)
def test_a_link_header_that_cannot_be_read_is_no_last_page(link: str) -> None:
    assert refused(link) == "link_malformed"


@pytest.mark.parametrize(
    "link",
    [
        *("<https://evil.example/x>; rel=next", "<http://lms.example.org/x>; rel=next"),
        *("<https://lms.example.org:8443/x>; rel=next", "<//evil.example/x>; rel=next"),
        *("<https://lms.example.org@evil.example/>; rel=next", "<javascript:x>; rel=next"),
        "<https://lms.example.org\\@evil.example/>; rel=next",
    ],
)
def test_a_next_page_on_another_origin_is_the_end_of_it(link: str) -> None:
    assert refused(link) == "link_elsewhere"


def read(services: ServicePlatform, answers: list[Reply]) -> list[bytes]:
    async def bodies() -> list[bytes]:
        found = pages(services.connection(), services.base + "/list", accept="text/x-list", scopes=["s"])
        return [answer.body async for answer in found]

    services.answers["/list"] = answers
    return asyncio.run(bodies())


def page(number: int, link: Callable[[int], str] = '</list?p={}>; rel="next"'.format) -> Reply:
    return reply(str(number), headers={"Link": link(number + 1)})


def test_all_pages_come_in_order_with_one_token(services: ServicePlatform) -> None:
    assert read(services, [page(1), page(2), reply("3")]) == [b"1", b"2", b"3"]
    assert [call[1] for call in services.calls("/list")] == ["/list", "/list?p=2", "/list?p=3"]
    assert {call[2]["Accept"] for call in services.calls("/list")} == {"text/x-list"}
    assert len(services.calls("/token")) == 1


def test_two_link_headers_are_one(services: ServicePlatform) -> None:
    two = {"Link": "</list>; rel=first", "link": "</list?p=2>; rel=next"}
    assert read(services, [reply("1", headers=two), reply("2")]) == [b"1", b"2"]


def test_pages_in_a_circle_end(services: ServicePlatform) -> None:
    with pytest.raises(ServiceRefused, match="link_malformed: the next page is one that came before"):
        read(services, [page(1, lambda number: "</list?p=2>; rel=next")])
    assert len(services.calls("/list")) == 2


def test_pages_without_end_end(services: ServicePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_PAGES == 200
    monkeypatch.setattr("reflect.lti.paging.MOST_PAGES", 5)
    with pytest.raises(ServiceRefused, match="too_long"):
        read(services, [page(number) for number in range(20)])
    assert len(services.calls("/list")) == 5


def test_exactly_the_most_pages_are_fine(services: ServicePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reflect.lti.paging.MOST_PAGES", 3)
    assert len(read(services, [page(1), page(2), reply("3")])) == 3
