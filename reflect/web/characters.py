"""The family of characters (docs/characters.md). Each is drawn once, because a page may show 56 of them."""

from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reflect.files import TEMPLATES

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


@lru_cache(512)
def drawing(style: str, key: str, pleasantness: float, energy: float) -> Markup:
    """The shapes of one feeling, to be put into an `<svg>` whose box is 80 by 80.

    `style` is `character` or `plain`, `key` a feeling's or empty, both numbers run from -1 to 1.
    Raises `jinja2.TemplateNotFound` for another style.
    """
    template = _ENVIRONMENT.get_template(f"characters/_{style}.html")
    return Markup(template.render(key=key, pleasantness=pleasantness, energy=energy).strip())  # noqa: S704
