"""The main pages in every language on a phone: wholly in it, none wider than the screen, nothing cut off, also with text spread."""

from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page

from reflect.domain.language_packs import PACKS, SOURCE_LANGUAGE
from reflect.web import language
from tests.browser.demonstration import demonstration
from tests.browser.looks import lost_when_spread
from tests.browser.visits import STUDENTS, TEACHER, Visit

OF_A_TEACHER = (
    "/courses/1",
    "/courses/1/checkins/new",
    "/courses/1/insights",
    "/courses/1/students",
    "/courses/1/prompts",
    "/courses/1/reminders",
    "/checkins/2",
    "/checkins/3",
)
OF_A_STUDENT = (
    "/courses/1",
    "/checkins/2",
    "/courses/1/reflections",
    "/courses/1/talks",
    "/courses/1/breaks",
    "/privacy",
    "/languages",
)
TEXTS = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim().replace(/\\s+/g, " ");
    if (text && !walker.currentNode.parentElement.closest("[lang] [lang], bdi, script, style, template")) found.push(text);
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def people(chromium: Browser) -> Iterator[tuple[Visit, Visit]]:
    """A teacher and a student of the demo's class, on a phone."""
    with demonstration() as campus:
        context = chromium.new_context(viewport={"width": 360, "height": 740})
        teacher, student = campus.window(context, TEACHER), campus.window(context, STUDENTS[0])
        for person in (teacher, student):
            person.shows("Check-ins")
        yield teacher, student
        context.close()


@cache
def said_otherwise(tag: str) -> frozenset[str]:
    """What English says and this language says in other words."""
    with (language.CATALOGUES / f"{tag}.po").open("rb") as file:
        catalogue = read_po(file, locale=tag.replace("-", "_"))
    texts = {it.id for it in catalogue if isinstance(it.id, str) and it.id} - {it.string for it in catalogue}
    own, english = PACKS[tag].words["emotions"], PACKS[SOURCE_LANGUAGE].words["emotions"]
    return frozenset(texts | {english[key]["word"] for key in english if english[key]["word"] != own[key]["word"]})


def faults_of(page: Page, tag: str) -> Iterator[str]:
    html = page.locator("html")
    if (html.get_attribute("lang"), html.get_attribute("dir")) != (tag, language.language(tag).direction):
        yield "another language"
    yield from (f"left in English: {text}" for text in page.evaluate(TEXTS) if text in said_otherwise(tag))
    yield from lost_when_spread(page)


@pytest.mark.parametrize("tag", [tag for tag in PACKS if tag != SOURCE_LANGUAGE])
def test_the_main_pages_speak_the_language_and_fit(people: tuple[Visit, Visit], tag: str) -> None:
    faults = []
    for person, paths in zip(people, (OF_A_TEACHER, OF_A_STUDENT), strict=True):
        person.turn_to("/languages")
        person.find(f'button[value="{tag}"]').click()
        person.page.wait_for_url(lambda url: "/languages" not in url)
        for path in paths:
            person.turn_to(path)
            faults += [f"{path}: {fault}" for fault in faults_of(person.page, tag)]
    assert faults == []
