"""The platform's frame becomes as high as the page, where the platform takes that, and never goes on growing."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]
FRAME = "iframe[name=activity]"
LISTEN = """
window.told = [];
addEventListener("message", ({ data, origin }) => data?.subject === "lti.frameResize" && told.push([data.height, origin]));
"""
HIGHER_THAN_ANY_FRAME = """
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("main { min-block-size: 110vh; }");
  document.adoptedStyleSheets = [sheet];
}
"""
FITS = """
() => document.documentElement.scrollHeight <= innerHeight + 1
  && document.querySelector(".footer").getBoundingClientRect().bottom > innerHeight - 3
"""


def framed(campus: Campus, context: BrowserContext, person: str) -> Visit:
    """An activity in a frame of the campus's page, which remembers what it is told."""
    context.add_init_script(LISTEN)
    return campus.frame(context, person)


def heights(page: Page) -> list[int]:
    return [height for height, _ in page.evaluate("told")]


def height_of_the_frame(page: Page) -> int:
    return int(page.locator(FRAME).evaluate("(frame) => frame.clientHeight"))


def settles(visit: Visit) -> None:
    """Let two pictures be drawn, so that what is told was told."""
    visit.frame.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_the_campus_s_frame_fits_a_long_page_and_a_short_one(campus: Campus, private: Contexts) -> None:
    teacher = framed(campus, private(viewport={"width": 360, "height": 740}), TEACHER)
    teacher.shows("Check-ins")
    teacher.frame.wait_for_function(FITS)
    assert min(heights(teacher.page)) > 320, "the page between login and launch made the frame small"
    teacher.ask("Does the frame fit?")
    teacher.frame.wait_for_function(FITS)
    short = height_of_the_frame(teacher.page)
    teacher.click("Share")
    teacher.frame.wait_for_function(FITS)
    assert height_of_the_frame(teacher.page) > 900 > short - 400
    assert {origin for _, origin in teacher.page.evaluate("told")} == {campus.base_url}


def test_nothing_is_told_twice_and_a_frame_that_grows_asks_for_no_more(campus: Campus, private: Contexts) -> None:
    teacher = framed(campus, private(), TEACHER)
    teacher.ask("Does it stand still?")
    teacher.frame.wait_for_function(FITS)
    before = heights(teacher.page)
    for height in (2_000, 1_200, 3_000):
        teacher.page.locator(FRAME).evaluate("(frame, height) => { frame.style.blockSize = `${height}px`; }", height)
        teacher.frame.wait_for_function("(height) => innerHeight === height", arg=height - 2)
        settles(teacher)
    with teacher.page.expect_response("**/results?*"):
        pass
    settles(teacher)
    assert heights(teacher.page) == before
    # A page that grows with its frame asks once, and not for more each time that it gets it.
    teacher.frame.evaluate(HIGHER_THAN_ANY_FRAME)
    teacher.page.wait_for_function("(many) => told.length > many", arg=len(before))
    for _ in range(5):
        settles(teacher)
    assert len(heights(teacher.page)) == len(before) + 1


def test_a_page_that_fills_what_it_gets_asks_for_a_share_of_the_window(campus: Campus, private: Contexts) -> None:
    teacher = framed(campus, private(), TEACHER)
    teacher.ask("Does the wall stay?")
    teacher.click("Present")
    expect(teacher.find(".wall-number")).to_be_visible()
    settles(teacher)
    window = teacher.page.evaluate("outerHeight")
    teacher.page.wait_for_function(f"told.at(-1)[0] === Math.max(320, Math.round({window} * 0.75))")
    many = len(heights(teacher.page))
    settles(teacher)
    assert len(heights(teacher.page)) == many


def test_the_button_to_send_stays_at_hand(campus: Campus, private: Contexts) -> None:
    framed(campus, private(), TEACHER).ask("Is it at hand?")
    student = framed(campus, private(viewport={"width": 360, "height": 740}), STUDENTS[6])
    student.follow("a.masthead-name")
    student.click("Is it at hand?")
    student.shows("Is it at hand?")
    student.page.wait_for_function("told.length > 1")
    settles(student)
    assert height_of_the_frame(student.page) <= 740


def test_a_window_of_its_own_tells_nobody(campus: Campus, private: Contexts) -> None:
    context = private()
    context.add_init_script(LISTEN)
    teacher = campus.window(context, TEACHER)
    teacher.shows("Check-ins")
    settles(teacher)
    assert heights(teacher.page) == []


def test_a_platform_that_takes_no_heights_shows_the_page_as_before(campus: Campus, private: Contexts) -> None:
    teacher = framed(campus, private(), TEACHER)
    teacher.shows("Check-ins")
    teacher.page.locator(FRAME).evaluate(
        "(frame) => { frame.removeAttribute('data-fits'); frame.style.blockSize = '6000px'; }"
    )
    teacher.frame.wait_for_function("() => innerHeight === 5998")
    assert teacher.find(".footer").evaluate("(foot) => Math.round(foot.getBoundingClientRect().bottom)") == 5998
