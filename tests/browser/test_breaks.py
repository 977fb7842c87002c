"""Breaks in real browsers: they run, pause and end; without motion and without script they are steps to read."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.visits import STUDENTS, Campus, Visit

Contexts = Callable[..., BrowserContext]
MOVES = """
() => document.getAnimations().filter((one) => one.effect.target.closest(".scene") && one.playState === "running").length
"""


def a_break(visit: Visit, title: str = "Once around the pond") -> None:
    visit.click("Breaks")
    visit.shows("Breaks")
    visit.click(title)
    visit.shows(title)


def test_a_break_starts_pauses_and_goes_on_by_keyboard(campus: Campus, private: Contexts) -> None:
    visit = campus.frame(private(), STUDENTS[0])
    a_break(visit)
    assert visit.frame.evaluate(MOVES) == 0
    visit.find(".break-start").focus()
    visit.page.keyboard.press("Enter")
    expect(visit.find(".break-now")).to_have_text("Breathe in while the firefly climbs.")
    expect(visit.find(".break-steps [aria-current=step]")).to_have_count(1)
    assert visit.frame.evaluate(MOVES) == 3
    visit.page.keyboard.press("Space")
    expect(visit.find(".break-start")).to_have_text("Go on")
    assert visit.frame.evaluate(MOVES) == 0
    visit.page.keyboard.press("Enter")
    expect(visit.find(".break-now")).to_have_text("Hold your breath gently while it crosses.")


def test_a_break_ends_with_a_kind_word_and_can_be_taken_again(campus: Campus, private: Contexts) -> None:
    visit = campus.frame(private(), STUDENTS[0])
    a_break(visit)
    visit.find("#break").evaluate(
        "(root) => root.querySelectorAll('li').forEach((step) => { step.dataset.seconds = '0.1'; })"
    )
    visit.click("Start")
    expect(visit.find(".break-now")).to_have_text("That was four times around the pond. Stay as long as you like.")
    visit.click("Once more")
    expect(visit.find(".break-start")).to_have_text("Pause")


def test_sounds_are_off_until_somebody_wants_them(campus: Campus, private: Contexts) -> None:
    context = private()
    context.add_init_script(
        "window.made = 0; const Air = AudioContext; window.AudioContext = class extends Air { constructor() { super(); window.made += 1; } };"
    )
    visit = campus.frame(context, STUDENTS[0])
    a_break(visit)
    visit.click("Start")
    expect(visit.find(".break-now")).not_to_be_empty()
    assert visit.frame.evaluate("window.made") == 0
    visit.click("Soft sounds")
    expect(visit.find(".break-sound")).to_have_attribute("aria-pressed", "true")
    expect(visit.find(".break-now")).to_have_text("Hold your breath gently while it crosses.")
    assert visit.frame.evaluate("window.made") == 1


def test_who_wants_less_motion_gets_the_steps_and_a_still_picture(campus: Campus, private: Contexts) -> None:
    visit = campus.frame(private(reduced_motion="reduce"), STUDENTS[0])
    a_break(visit)
    visit.click("Start")
    expect(visit.find(".break-now")).to_have_text("Hold your breath gently while it crosses.")
    assert visit.frame.evaluate("document.getAnimations().length") == 0


def test_without_script_a_break_is_a_picture_and_a_list(campus: Campus, script_blocked: BrowserContext) -> None:
    visit = campus.frame(script_blocked, STUDENTS[0])
    visit.press_through()
    a_break(visit, "Shake like a tree")
    expect(visit.find(".break-start")).to_be_hidden()
    expect(visit.find(".break-steps li")).to_have_count(5)
    expect(visit.find("#break .scene")).to_be_visible()
