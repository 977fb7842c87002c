"""Every guide is whole in each language that it has, and says the same."""

import re
from collections.abc import Iterator

import pytest
from babel import Locale

from reflect.domain import toolkit
from reflect.domain.language_packs import PACKS, Status
from reflect.domain.refusals import Missing
from reflect.domain.toolkit import FOLDER, GUIDES, POSTERS, SHELVES, Guide, Shelf

ALL = [(key, guide) for key, languages in GUIDES.items() for guide in languages.values()]
WRITTEN = "---\ntitle: A: b\nsummary: S.\naudience: All\nminutes: 2\nstatus: draft\n---\n\nText.\n"
OPEN = ("questions", "privacy")
"""Pages that a guide may lead to besides guides and posters."""


def parts(text: str) -> dict[str, object]:
    """What a guide is made of, without its words."""
    links = re.findall(r"\]\(([^)]+)\)", text)
    kinds = {"headings": r"^## ", "deeper": r"^### ", "said": r"^> ", "points": r"^- ", "steps": r"^\d\. "}
    return {name: len(re.findall(kind, text, re.MULTILINE)) for name, kind in kinds.items()} | {
        "links": sorted(links),
        "commands": sorted(re.findall(r"`[^`]+`", text)),
        "blanks": text.count("\\_\\_\\_"),
        "open fields": text.count("☐"),
    }


@pytest.mark.parametrize(("key", "guide"), ALL, ids=[f"{guide.tag}-{key}" for key, guide in ALL])
def test_a_guide_says_in_every_language_as_much_as_in_english(key: str, guide: Guide) -> None:
    english = GUIDES[key]["en"]
    assert parts(guide.text) == parts(english.text)
    assert guide.minutes == english.minutes
    assert (guide.status is Status.SOURCE) == (guide.tag == "en")
    if guide is not english:
        assert guide.text != english.text and guide.title != english.title
        assert not set(paragraphs(guide.text)) & set(paragraphs(english.text))


def paragraphs(text: str) -> list[str]:
    """The paragraphs that are long enough to be nobody's by chance."""
    return [paragraph for paragraph in text.split("\n\n") if len(paragraph) > 60]


@pytest.mark.parametrize(("key", "guide"), ALL, ids=[f"{guide.tag}-{key}" for key, guide in ALL])
def test_a_guide_is_short_and_its_facts_are_whole(key: str, guide: Guide) -> None:
    assert all([guide.title, guide.summary, guide.audience, guide.text]) and 1 <= guide.minutes <= 5
    if guide.tag == "en":
        words = len(guide.text.split())
        assert 140 <= words <= (250 if key in SHELVES[Shelf.ACTIVITIES] else 720), words
    assert not re.search(r"^# ", guide.text, re.MULTILINE), "the title is the page's only heading of the first level"


@pytest.mark.parametrize(("key", "guide"), ALL, ids=[f"{guide.tag}-{key}" for key, guide in ALL])
def test_every_link_of_a_guide_leads_somewhere(key: str, guide: Guide) -> None:
    known = (
        {f"/{page}" for page in OPEN}
        | {f"/toolkit/{it}" for it in GUIDES}
        | {f"/toolkit/posters/{it}" for it in POSTERS}
    )
    assert set(re.findall(r"\]\(([^)]+)\)", guide.text)) <= known - {f"/toolkit/{key}"}


def test_every_guide_is_there_in_english_and_at_least_in_four_more_languages() -> None:
    for languages in GUIDES.values():
        assert {"en", "es", "fr", "de", "ar"} <= set(languages)


def test_guides_are_written_in_languages_that_the_app_speaks() -> None:
    assert {guide.tag for _, guide in ALL} <= set(PACKS)
    assert {path.name for path in FOLDER.iterdir()} == {guide.tag for _, guide in ALL}
    assert all(Locale.parse(guide.tag, sep="-") for _, guide in ALL)


def test_a_guide_is_found_in_the_nearest_language_and_else_in_english() -> None:
    assert toolkit.find("routine", "de-AT").tag == "de"
    assert toolkit.find("routine", "sv").tag == "en"


def test_every_guide_stands_on_one_shelf() -> None:
    shelves = [guide.key for name in Shelf for guide in toolkit.shelf(name, "en")]
    assert sorted(shelves) == sorted(GUIDES)


@pytest.mark.parametrize("key", ["", "nothing", "../privacy", "Routine"])
def test_what_is_not_there_is_missing(key: str) -> None:
    for look in (lambda: toolkit.find(key, "en"), lambda: toolkit.find_poster(key)):
        with pytest.raises(Missing):
            look()


def test_a_guide_is_read_as_it_is_written() -> None:
    guide = toolkit.read("one", "de", WRITTEN)
    assert (guide.title, guide.minutes, guide.status, guide.text) == ("A: b", 2, Status.DRAFT, "Text.")


def faulty() -> Iterator[str]:
    """The same file with one fault each."""
    yield WRITTEN.replace("summary: S.\n", "")
    yield WRITTEN.replace("minutes: 2", "minutes: two")
    yield WRITTEN.replace("draft", "perfect")
    yield WRITTEN.replace("title", "name")
    yield "Text" + WRITTEN
    yield "Text."


@pytest.mark.parametrize("written", list(faulty()))
def test_a_guide_whose_facts_are_not_whole_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        toolkit.read("one", "de", written)
