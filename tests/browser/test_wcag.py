"""Criteria of WCAG 2.2 that axe cannot look at: motion, forced colours, keys, live regions, languages, names."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]

MOVING = "() => document.getAnimations().filter(({ playState }) => playState === 'running').length"
RULES_THAT_MOVE = """
() => [...document.querySelectorAll("*")].filter((element) => ["", "::before", "::after"].some((part) => {
  const style = getComputedStyle(element, part || null);
  return style.animationName !== "none" || (style.transitionProperty !== "none" && style.transitionDuration !== "0s");
})).map((element) => element.outerHTML.slice(0, 90))
"""
NAMES = """
() => [...document.querySelectorAll("a[href], button, summary")].filter((element) => element.checkVisibility())
  .map((element) => ({ name: element.getAttribute("aria-label"), seen: element.innerText.trim() }))
  .filter(({ name, seen }) => name && seen && !name.toLowerCase().includes(seen.toLowerCase()))
"""
WITHOUT_EDGE = """
() => [...document.querySelectorAll(".button, .button-quiet, .choice, input:not([type=hidden], .emotion input), textarea, select")]
  .filter((element) => element.checkVisibility())
  .filter((element) => { const style = getComputedStyle(element), canvas = getComputedStyle(document.body).backgroundColor;
    return !(parseFloat(style.borderTopWidth) > 0 && style.borderTopColor !== canvas) && style.appearance === "none"; })
  .map((element) => element.outerHTML.slice(0, 90))
"""
CONTRAST_OF_FILLS = """
() => [...document.querySelectorAll(".bar-fill, .chart-line, .chart-point")].map((part) => {
  const style = getComputedStyle(part), canvas = getComputedStyle(document.body).backgroundColor;
  return [style.fill, style.stroke].some((colour) => colour !== "none" && colour !== canvas);
})
"""
COVERED = """
() => {
  const focused = document.activeElement, seen = focused.closest("label") ?? focused, box = seen.getBoundingClientRect();
  if (focused === document.body) return false;
  const bars = [...document.querySelectorAll(".picker-send, .form-send")].filter((one) => !one.contains(focused));
  return bars.map((one) => one.getBoundingClientRect()).some((bar) => box.top >= bar.top && box.bottom <= bar.bottom);
}
"""
"""Whether all of what has the focus lies beneath the bar at the foot (WCAG 2.4.11)."""
HEARD = """
() => {
  window.heard = [];
  const said = document.querySelector("#results-summary");
  new MutationObserver(() => heard.push(said.innerText)).observe(said, { subtree: true, childList: true, characterData: true });
}
"""


def focus_is_seen(page: Page, selector: str) -> bool:
    """Whether what has the focus has a ring around it."""
    return bool(
        page.locator(selector).first.evaluate(
            "(element) => { element.blur(); element.focus({ focusVisible: true }); const s = getComputedStyle(element);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; }"
        )
    )


@pytest.fixture
def still(private: Contexts) -> BrowserContext:
    """The browser of somebody who wants less motion."""
    return private(reduced_motion="reduce")


def test_nothing_moves_for_who_wants_less_motion(campus: Campus, still: BrowserContext) -> None:
    student = campus.window(still, STUDENTS[1])
    student.shows("Check-ins")
    student.click("Breaks")
    student.click("Once around the pond")
    student.shows("Once around the pond")
    student.click("Start")
    expect(student.find(".break-now")).not_to_be_empty()
    assert student.page.evaluate(RULES_THAT_MOVE) == []
    assert student.page.evaluate(MOVING) == 0


def test_the_same_break_moves_for_everybody_else(campus: Campus, private: Contexts) -> None:
    student = campus.window(private(), STUDENTS[1])
    student.shows("Check-ins")
    student.click("Breaks")
    student.click("Once around the pond")
    student.click("Start")
    student.page.wait_for_function("() => document.getAnimations().length > 0")


def test_an_answer_is_announced_once_and_politely(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.ask("Who hears it once?")
    summary = teacher.find("#results-summary")
    expect(summary).to_have_attribute("role", "status")
    teacher.page.evaluate(HEARD)
    campus.window(private(), STUDENTS[2]).answer("Who hears it once?", "calm")
    teacher.sees_answers(1)
    for _ in range(2):  # two more looks, which find nothing new
        with teacher.page.expect_response("**/results?*"):
            pass
    heard = teacher.page.evaluate("[...new Set(heard)]")
    assert [" ".join(words.split()) for words in heard] == ["1 student has answered"]
    assert teacher.find("[aria-live=assertive]").count() == 0


def test_names_hold_the_words_that_are_seen(campus: Campus, private: Contexts) -> None:
    teacher = campus.window(private(), TEACHER)
    teacher.shows("Check-ins")
    assert teacher.page.evaluate(NAMES) == []
    teacher.ask("Whose name is it?", anonymity="anonymous")
    assert teacher.page.evaluate(NAMES) == []
    teacher.click("Share")
    assert teacher.page.evaluate(NAMES) == []


def test_each_language_is_written_in_its_own_and_says_so(campus: Campus, private: Contexts) -> None:
    page = private().new_page()
    page.goto(f"{campus.base_url}/languages")
    for button in page.locator("button.language").all():
        tag = button.get_attribute("lang")
        assert tag and tag == button.get_attribute("value")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_keyboard_leaves_the_teachers_dialog_as_it_came(campus: Campus, private: Contexts) -> None:
    page = private().new_page()
    page.goto(f"{campus.address}/courses/2/content/new?as={TEACHER}")
    dialog = Visit(page, page.frame_locator("iframe"), page.locator("iframe").get_attribute("name") or "")
    dialog.shows("What would you like to add?")
    page.locator("a.school").focus()
    places = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        places.add(page.evaluate("document.activeElement.tagName"))
        if page.evaluate("document.activeElement === document.body"):
            break
    assert "IFRAME" in places
    assert page.evaluate("document.activeElement.tagName") != "IFRAME", "the focus stays in the frame"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_is_seen_in_two_colours_of_ones_own(campus: Campus, private: Contexts, scheme: str) -> None:
    context = private(forced_colors="active", color_scheme=scheme)
    teacher = campus.window(context, TEACHER)
    teacher.shows("Check-ins")
    teacher.click("New check-in")
    teacher.shows("New check-in")
    assert teacher.page.evaluate(WITHOUT_EDGE) == []
    chosen, other = (teacher.find(f".choice:has({state})").first for state in ("input:checked", "input:not(:checked)"))
    edge = "(choice) => getComputedStyle(choice).borderTopColor"
    assert chosen.evaluate(edge) != other.evaluate(edge)
    assert focus_is_seen(teacher.page, ".form-send .button")
    question = f"Two colours in the {scheme}?"
    teacher.page.go_back()
    teacher.ask(question)
    student = campus.window(private(forced_colors="active", color_scheme=scheme), STUDENTS[3])
    student.click(question)
    student.shows(question)
    student.find('.emotion:has([value="calm"])').click()
    check = "(check) => [getComputedStyle(check).backgroundColor, getComputedStyle(document.body).backgroundColor]"
    mark, canvas = student.find('.emotion:has([value="calm"]) .emotion-check').evaluate(check)
    assert mark != canvas
    assert focus_is_seen(student.page, '.emotion input[value="calm"]')
    student.click("Send")
    teacher.sees_answers(1)
    fills = teacher.page.evaluate(CONTRAST_OF_FILLS)
    assert fills and all(fills)


def test_at_400_percent_a_window_of_1280_reads_in_one_column(campus: Campus, private: Contexts) -> None:
    context = private(viewport={"width": 320, "height": 256})  # CSS pixels of 1280 x 1024 at 400 %
    teacher = campus.window(context, TEACHER)
    teacher.shows("Check-ins")
    teacher.ask("Who reads at 400 percent?")
    student = campus.window(context, STUDENTS[4])
    student.click("Who reads at 400 percent?")
    student.shows("Who reads at 400 percent?")
    student.choose("calm")
    for visit in (teacher, student):
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    covered = "() => [...document.querySelectorAll('*')].filter((e) => ['fixed', 'sticky'].includes(getComputedStyle(e).position)"
    assert teacher.page.evaluate(f"{covered} && e.offsetHeight > innerHeight / 2).length") == 0


def test_no_bar_lies_over_what_has_the_focus(campus: Campus, private: Contexts) -> None:
    context = private(viewport={"width": 360, "height": 640})
    teacher = campus.window(context, TEACHER)
    teacher.ask("What lies beneath?")
    student = campus.window(context, STUDENTS[5])
    student.click("What lies beneath?")
    student.shows("What lies beneath?")
    teacher.click("All check-ins")
    teacher.click("New check-in")
    teacher.shows("New check-in")
    for visit in (student, teacher):
        visit.page.bring_to_front()
        for _ in range(30):
            visit.page.keyboard.press("Tab")
            assert not visit.page.evaluate(COVERED), visit.page.evaluate("document.activeElement.outerHTML")


def test_writing_for_long_keeps_the_session(campus: Campus, private: Contexts) -> None:
    student = campus.window(private(), STUDENTS[6])
    student.click("I’d like to talk")
    student.shows("I’d like to talk")
    page, said = student.page, list[str]()
    page.on("request", lambda request: said.append(request.method))
    page.clock.install()
    page.locator("#message").press_sequentially("It is")
    assert said == []
    page.clock.fast_forward("11:00")
    with page.expect_response(lambda response: response.request.method == "HEAD" and response.ok):
        page.locator("#message").press_sequentially(" long")
    assert said == ["HEAD"]
