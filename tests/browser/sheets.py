"""Sheets of characters, without a word: every feeling side by side, as an art teacher would pin them to a wall."""

from playwright.sync_api import Page

from reflect.domain.emotions import EMOTIONS
from reflect.files import STATIC
from reflect.web.pages import environment

MANNERS = ("character", "plain")
SIZES = (40, 96, 200)
"""CSS pixels: beside a word, in a picker, on a projector."""
COLUMNS = {40: 14, 96: 8, 160: 8, 200: 7}
_FACES = """
{% from "macros/faces.html" import face %}
{% for it in emotions %}<a href="#{{ it.key }}" id="{{ it.key }}" aria-label="{{ it.key }}">
{{ face(it.pleasantness, it.energy, key=it.key, manner=manner) }}</a>
{% endfor %}
"""
_LAYOUT = """
body { margin: 0; min-block-size: 0; background: var(--paper); }
main { display: grid; grid-template-columns: repeat(%(columns)d, %(size)dpx); gap: %(gap)dpx; inline-size: max-content; padding: %(gap)dpx; }
main.numbered { counter-reset: picture; }
main.numbered a { counter-increment: picture; color: var(--ink); font: 14px sans-serif; text-align: center; text-decoration: none; }
main.numbered a::after { content: counter(picture); display: block; }
main .face { inline-size: %(size)dpx; block-size: %(size)dpx; }
"""


def faces(manner: str, keys: tuple[str, ...] = tuple(EMOTIONS)) -> str:
    """The markup of these feelings, in the order of the seed file, each in a link as where it can be pointed at."""
    return environment("en").from_string(_FACES).render(emotions=[EMOTIONS[key] for key in keys], manner=manner)


def hang(
    page: Page, manner: str, size: int, keys: tuple[str, ...] = tuple(EMOTIONS), *, numbered: bool = False
) -> None:
    """Show these feelings on a page, `size` CSS pixels large, `numbered` from 1 beneath each."""
    css = "".join((STATIC / "css" / name).read_text() for name in ("reset.css", "tokens.css", "faces.css"))
    layout = _LAYOUT % {"columns": min(COLUMNS[size], len(keys)), "size": size, "gap": max(8, size // 8)}
    kind = "numbered" if numbered else "bare"
    page.set_content(f'<!doctype html><style>{css}{layout}</style><main class="{kind}">{faces(manner, keys)}</main>')
    width, height = page.locator("main").evaluate("(main) => [main.offsetWidth, main.offsetHeight]")
    page.set_viewport_size({"width": width, "height": height})
