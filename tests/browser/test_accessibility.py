"""Every page for everyone: axe finds nothing, in every theme and direction, at every size, by finger and by keyboard.

These are the pages of a class and those at the door; `test_accessibility_around.py` holds the others to the same, so that
two processes share the work.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.album import at_the_door, in_class
from tests.browser.looks import Findings, walk
from tests.browser.visits import STUDENTS, TEACHER, Campus

Contexts = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def findings(chromium: Browser) -> Iterator[Findings]:
    """One walk through half of the album, each page looked at in every way."""
    yield walk(chromium, in_class, at_the_door)


def test_the_walk_met_every_page(findings: Findings) -> None:
    assert len(findings.seen) == len(set(findings.seen)) >= 75


def test_axe_finds_nothing_on_any_page(findings: Findings) -> None:
    assert findings.axe == []


def test_every_target_is_large_enough_for_a_finger(findings: Findings) -> None:
    assert findings.targets == []


def test_no_page_scrolls_sideways_on_a_phone_or_at_double_size(findings: Findings) -> None:
    assert findings.overflow == []


def test_no_page_loses_anything_when_text_is_spread(findings: Findings) -> None:
    assert findings.spaced == []


def test_a_student_answers_by_keyboard_alone(campus: Campus, private: Contexts) -> None:
    campus.frame(private(), TEACHER).ask("How were the keys?")
    student = campus.frame(private(), STUDENTS[5])
    student.shows("Check-ins")

    def tab_to(selector: str) -> None:
        for _ in range(60):
            student.page.keyboard.press("Tab")
            if student.frame.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"Tab never came to {selector}")

    tab_to(".checkin-link, .only-link")
    student.page.keyboard.press("Enter")
    student.shows("How were the keys?")
    tab_to('input[name="choice"]')
    student.page.keyboard.press("ArrowRight")
    expect(student.find('input[name="choice"]:checked')).to_have_count(1)
    tab_to(".picker-send button")
    student.page.keyboard.press("Enter")
    expect(student.find("main.thanks")).to_be_focused()
