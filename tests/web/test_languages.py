"""Choosing a language, with a session and without."""

import re

import pytest
from sqlmodel import select

from reflect.domain.language_packs import PACKS
from reflect.storage.people import Person
from tests.installation import Installation
from tests.web.dialogs import STUDENT, Visit, arrives, stored

HTML = re.compile(r'<html lang="([^"]+)" dir="(\w+)">')


def spoken(visit: Visit) -> tuple[str, str]:
    """The language and direction of the page that somebody sees."""
    found = HTML.search(visit.page.text)
    assert found
    return found[1], found[2]


def test_a_student_chooses_once_and_every_later_launch_keeps_to_it(shared: Installation) -> None:
    student = arrives(shared, STUDENT)
    path = student.page.url.path
    student.goes_to("/languages")
    student.sends("/languages", {"language": "ar", "from": path})
    assert student.page.url.path == path
    assert spoken(student) == ("ar", "rtl")
    assert spoken(arrives(shared, STUDENT)) == ("ar", "rtl")
    student.goes_to("/languages")
    student.sends("/languages", {"language": "en", "from": path})
    assert spoken(arrives(shared, STUDENT)) == ("en", "ltr")


def test_the_choice_is_the_persons_own(shared: Installation) -> None:
    student, other = arrives(shared, STUDENT), arrives(shared, "7")
    student.goes_to("/languages")
    student.sends("/languages", {"language": "fr", "from": "/"})
    other.goes_to(r"/courses/\d+")
    assert spoken(other) == ("en", "ltr")
    chosen = stored(shared, lambda db: db.exec(select(Person.language).where(Person.sub == "7")).one())
    assert chosen is None


def test_a_page_that_knows_nobody_remembers_by_a_cookie(shared: Installation) -> None:
    walker = shared.walker()
    visitor = Visit(shared, walker, walker.get("/privacy"))
    visitor.goes_to("/languages")
    visitor.sends("/languages", {"language": "de", "from": "/privacy"})
    assert visitor.page.url.path == "/privacy"
    assert spoken(visitor) == ("de", "ltr")


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example/", "/nowhere", "/sessions/end", "\\evil", ""])
def test_nobody_is_led_away_from_here(shared: Installation, path: str) -> None:
    answer = shared.walker().post("/languages", {"language": "en", "from": path})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("tag", ["", "tlh", "../en", "EN"])
def test_a_language_without_texts_is_refused(shared: Installation, tag: str) -> None:
    answer = shared.walker().post("/languages", {"language": tag, "from": "/"})
    assert (answer.status_code, answer.headers["reflect-error"]) == (400, "form")


def test_every_language_is_offered_in_its_own_words(shared: Installation) -> None:
    page = shared.walker().get("/languages").text
    for tag in PACKS:
        assert f'value="{tag}" lang="{tag}"' in page
    assert "العربية" in page
    assert "日本語" in page


@pytest.mark.parametrize("tag", [tag for tag in PACKS if tag != "en"])
def test_a_whole_page_is_in_the_language_asked_for(shared: Installation, tag: str) -> None:
    page = shared.walker().client.get(f"{shared.base_url}/privacy", headers={"Accept-Language": tag})
    assert HTML.search(page.text)[1] == tag  # type: ignore[index]
    assert page.headers["content-language"] == tag
    assert "Who sees what" not in page.text
