"""What was rendered is shared only by those who are to see the very same, and keeps nothing of any of them."""

from collections.abc import Iterator

import httpx2
import pytest
from sqlmodel import Session, select

from reflect.storage.accesses import Access
from reflect.storage.people import Person
from reflect.web.fragments import MOST, Fragments
from tests.installation import Installation
from tests.walker import Walker
from tests.web.courses import Lesson, lesson
from tests.web.dialogs import until
from tests.web.test_looks import look
from tests.web.test_rosters import fetched


@pytest.fixture
def held(installation: Installation) -> Iterator[Lesson]:
    begun = lesson(installation)
    until(lambda: fetched(installation))  # what is awaited follows from the roster
    yield begun


def part(held: Lesson, who: Walker, checkin_id: int, **headers: str) -> httpx2.Response:
    found = look(held, who, f"/checkins/{checkin_id}/results", "", **headers)
    assert found.status_code == 200
    return found


def test_it_is_rendered_again_as_soon_as_anything_is_not_equal() -> None:
    rendered: list[object] = []
    fragments = Fragments()

    def shown(key: object, content: object) -> str:
        def render() -> str:
            rendered.append(content)
            return f"{key} {content}"

        return fragments.of(key, content, render)

    assert [shown("de", [1]), shown("de", [1]), shown("en", [1]), shown("de", [2]), shown("de", [1])] == [
        "de [1]",
        "de [1]",
        "en [1]",
        "de [2]",
        "de [1]",
    ]
    assert rendered == [[1], [1], [2], [1]]


def test_only_the_newest_are_kept() -> None:
    fragments = Fragments()
    for number in range(MOST + 1):
        fragments.of(number, (), str)
    assert fragments.of(1, (), lambda: "anew") == ""
    assert fragments.of(0, (), lambda: "anew") == "anew"


def test_two_who_look_get_the_same_with_their_own_tab_and_both_are_written_down(held: Lesson) -> None:
    checkin_id, other = held.ask("How was it?"), held.installation.walker()
    held.answer(checkin_id, "curious")
    held.arrive(other, "4")
    one, two = part(held, held.teacher, checkin_id), part(held, other, checkin_id)
    tabs = held.tab(held.teacher), held.tab(other)
    assert one.text.replace(tabs[0], tabs[1]) == two.text != one.text
    assert tabs[0] in one.text and tabs[1] in two.text
    assert "Zoë Märchenwald" in two.text
    assert held.installation.count(Access) == [2]


def test_a_name_that_is_another_now_is_shown_though_the_version_is_the_same(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    held.answer(checkin_id, "curious")
    before = part(held, held.teacher, checkin_id)

    def rename(db: Session) -> None:
        for row in db.exec(select(Person).where(Person.name == "Zoë Märchenwald")):
            row.name = "Zoë Anders"

    held.installation.database.write_now(rename)
    after = part(held, held.teacher, checkin_id)
    assert after.headers["etag"] == before.headers["etag"]
    assert "Zoë Anders" in after.text and "Märchenwald" not in after.text


def test_each_reads_in_their_own_language(held: Lesson) -> None:
    checkin_id, other = held.ask("How was it?"), held.installation.walker()
    held.arrive(other, "4")
    assert "students have answered" in part(held, held.teacher, checkin_id).text
    other.post(f"/languages?{held.tab(other)}", {"language": "de"})
    found = part(held, other, checkin_id)
    assert found.headers["content-language"] == "de"
    assert "students have answered" not in found.text


def test_what_can_be_done_with_it_comes_along_and_on_the_page_itself_stands_once(held: Lesson) -> None:
    checkin_id = held.ask("What now?")
    path = f"/checkins/{checkin_id}"
    assert "/edit" in part(held, held.teacher, checkin_id).text
    held.answer(checkin_id, "calm")
    answered = part(held, held.teacher, checkin_id).text
    assert "/edit" not in answered and answered.count("hx-swap-oob") == 2
    assert f"{path}/changes" not in answered and f"{path}/archivals" not in answered
    held.teacher.post(f"{path}/closures?{held.tab(held.teacher)}", {})
    closed = part(held, held.teacher, checkin_id).text
    assert f"{path}/changes" in closed and f"{path}/archivals" in closed
    page = held.teacher.get(f"{path}?{held.tab(held.teacher)}").text
    assert (page.count('id="ways-on"'), page.count('id="changes"'), page.count("hx-swap-oob")) == (1, 1, 0)
