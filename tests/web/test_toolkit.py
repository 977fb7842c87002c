"""The educator toolkit: guides and posters for anybody, in the reader's language where they have it."""

import re

import httpx2
import pytest
from markupsafe import escape

from reflect.domain import toolkit
from reflect.domain.emotions import vocabulary
from reflect.domain.language_packs import PACKS, Status
from reflect.domain.toolkit import GUIDES, POSTERS, Guide
from reflect.web import toolkit as pages
from tests.installation import Installation
from tests.web.dialogs import STUDENT, TEACHER, arrives

FALLBACK = "This guide is not in your language yet"
DRAFT = "A draft was translated with care"


def opened(shared: Installation, path: str, tag: str = "en") -> httpx2.Response:
    """A page as a browser that asks for this language gets it."""
    return shared.walker().client.get(f"{shared.base_url}{path}", headers={"Accept-Language": tag})


def test_anybody_finds_every_guide_and_poster(shared: Installation) -> None:
    assert 'href="/toolkit"' in opened(shared, "/").text
    index = opened(shared, "/toolkit")
    for path in [*(f"/toolkit/{key}" for key in GUIDES), *(f"/toolkit/posters/{key}" for key in POSTERS)]:
        assert f'href="{path}"' in index.text
        assert opened(shared, path).status_code == 200, path


@pytest.mark.parametrize("path", ["/toolkit", "/toolkit/routine", "/toolkit/posters/map"])
def test_its_pages_may_be_framed_by_anybody(shared: Installation, path: str) -> None:
    assert "frame-ancestors *" in opened(shared, path).headers["content-security-policy"]


@pytest.mark.parametrize("tag", sorted({it.tag for languages in GUIDES.values() for it in languages.values()}))
def test_a_guide_is_in_the_readers_language_and_says_whether_it_is_a_draft(shared: Installation, tag: str) -> None:
    page, guide = opened(shared, "/toolkit/routine", tag), toolkit.find("routine", tag)
    assert str(escape(guide.title)) in page.text
    assert page.headers["content-language"] == tag
    assert ("guide-about" in page.text) == (guide.status is Status.DRAFT)
    assert "<article>" in page.text, "in the page's own language and direction"


def test_where_there_is_none_it_is_in_english_and_says_so(
    shared: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = GUIDES["routine"]["en"]
    monkeypatch.setattr(toolkit, "GUIDES", {**GUIDES, "routine": {"en": english}})
    page = opened(shared, "/toolkit/routine", "he").text
    assert '<article lang="en" dir="ltr">' in page
    assert english.title in page and page.count("guide-about") == 1
    assert FALLBACK not in opened(shared, "/toolkit/routine").text
    assert re.search(
        rf'<li lang="en" dir="ltr">\s*<h3><a [^>]*>{english.title}<', opened(shared, "/toolkit", "he").text
    )


@pytest.mark.parametrize("path", ["/toolkit/nothing", "/toolkit/posters/nothing", "/toolkit/..%2f..%2fprivacy"])
def test_what_is_not_there_is_refused_as_missing(shared: Installation, path: str) -> None:
    answer = opened(shared, path)
    assert (answer.status_code, answer.headers["reflect-error"]) == (404, "missing")


HOSTILE = """
## Heading

<script>alert(1)</script> and <img src=x onerror=alert(2)>

<style>body { display: none }</style>

[one](javascript:alert(3)), [two](data:text/html,x), [three](/toolkit/"onclick="alert), ![four](https://elsewhere.example/x.png)
"""


def test_a_guide_can_execute_fetch_and_style_nothing() -> None:
    html = str(pages._html(Guide("x", "en", Status.SOURCE, "X", "X", "X", 1, HOSTILE), None))
    assert not re.search(r"<(script|img|style)|onclick=\"|href=\"(?!/|https:)", html)
    assert "&lt;script&gt;" in html and "<h2>Heading</h2>" in html


def test_every_guide_is_made_of_plain_parts() -> None:
    allowed = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "strong", "em", "code", "a"}
    for languages in GUIDES.values():
        for guide in languages.values():
            html = str(pages._html(guide, None))
            assert set(re.findall(r"<(\w+)", html)) <= allowed
            assert "**" not in html and "](" not in html and "&lt;" not in html, (guide.tag, guide.key)


def test_staff_are_led_there_and_keep_their_tab(shared: Installation) -> None:
    teacher, student = arrives(shared, TEACHER), arrives(shared, STUDENT)
    assert 'href="/toolkit?tab=' in teacher.page.text and 'href="/toolkit' not in student.page.text
    teacher.goes_to("/toolkit")
    teacher.goes_to("/toolkit/routine")
    tab = re.search(r"tab=\w+", str(teacher.page.url))
    assert tab and f'href="/toolkit/named-or-anonymous?{tab[0]}"' in teacher.page.text


@pytest.mark.parametrize("tag", PACKS)
def test_posters_speak_every_language(shared: Installation, tag: str) -> None:
    poster, chart = (
        opened(shared, "/toolkit/posters/feelings", tag).text,
        opened(shared, "/toolkit/posters/map", tag).text,
    )
    for emotion in vocabulary("core"):
        assert f"<strong>{escape(emotion.word(tag))}</strong>" in poster
        assert f"<strong>{escape(emotion.word(tag))}</strong>" in chart
        assert str(escape(emotion.definition(tag, child=True))) in poster


def test_the_map_puts_each_feeling_into_its_quarter(shared: Installation) -> None:
    page = opened(shared, "/toolkit/posters/map").text
    quarters = dict(re.findall(r'placard-quarter placard-(\w+)" role="list">(.*?)</ul>', page, re.DOTALL))
    for word, quarter in (("angry", "tense"), ("happy", "bright"), ("sad", "low"), ("calm", "calm")):
        assert [name for name, html in quarters.items() if f"<strong>{word}</strong>" in html] == [quarter]
