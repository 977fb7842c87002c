"""What a task costs somebody: taps, keys, and seconds; and where the focus is meanwhile."""

import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator

from tests.browser.visits import Visit

FOCUS = """
() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const holder = at.closest(".choice, .question, .checkin, .break-card");
  const ring = [style, holder && getComputedStyle(holder)].some((one) => one && one.outlineStyle !== "none");
  return {
    isLost: at === document.body,
    isMain: at.tagName === "MAIN",
    isRinged: ring,
    isSeen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    name: at.outerHTML.slice(0, 90),
  };
}
"""


@dataclass
class Effort:
    """One person's taps and keys at one task; every key must leave a focus that is there and can be seen."""

    visit: Visit
    taps: int = 0
    keys: int = 0
    began: float = field(default_factory=time.monotonic)

    def tap(self, target: Locator) -> None:
        """Touch something that is in sight or comes into sight."""
        self.taps += 1
        target.tap()

    def press(self, key: str) -> None:
        """Press a key; if it moves the focus, the new place must be visible."""
        self.keys += 1
        self.visit.page.keyboard.press(key)

    def type(self, words: str) -> None:
        """Write at 80 words a minute; letters are no keys of the count."""
        self.visit.page.keyboard.type(words, delay=150)

    def tab_to(self, selector: str, most: int = 80) -> None:
        """Press Tab until the focus is there, and look at each place on the way."""
        for _ in range(most):
            self.press("Tab")
            if self.is_inside():
                self.sees_focus()
            if self.visit.frame.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"Tab never came to {selector}")

    def is_inside(self) -> bool:
        """Whether the focus is in Reflect's frame."""
        return bool(self.visit.page.evaluate("document.activeElement?.tagName === 'IFRAME'"))

    def sees_focus(self) -> None:
        """The focus is on something, within the window, with a ring around it."""
        found = self.visit.frame.evaluate(FOCUS)
        assert not found["isLost"], "the focus is nowhere"
        assert found["isMain"] or (found["isRinged"] and found["isSeen"]), f"no ring: {found['name']}"

    def leaves(self, most: int = 80) -> None:
        """Tab leads out of the frame in the end: it is no trap."""
        for _ in range(most):
            self.press("Tab")
            if not self.is_inside():
                return
        raise AssertionError("Tab never left the frame")

    def tell(self, task: str) -> None:
        """A line for whoever reads along with `pytest -s`."""
        seconds = time.monotonic() - self.began
        print(f"{task}: {self.taps} taps, {self.keys} keys, {seconds:.1f} s")  # noqa: T201
