"""The family of characters (docs/characters.md). Each is drawn once, because a page may show 56 of them; so is each
picture of a break, with one of them in it."""

from functools import cache, lru_cache
from typing import Any

from markupsafe import Markup

from reflect.domain.breaks import BREAKS
from reflect.web.templating import new_environment

_ENVIRONMENT = new_environment()
_MANNERS = {"character": "characters/_character.html", "plain": "characters/_plain.html"}


@lru_cache(512)
def drawing(manner: str, key: str, pleasantness: float, energy: float) -> Markup:
    """The shapes of one feeling, to be put into an `<svg>` whose box is 80 by 80.

    `manner` is `character` or `plain`, `key` a feeling's or empty, both numbers run from -1 to 1.
    Raises `KeyError` for another manner.
    """
    template = _ENVIRONMENT.get_template(_MANNERS[manner])
    return Markup(template.render(key=key, pleasantness=pleasantness, energy=energy).strip())  # noqa: S704


@cache
def scene(key: str) -> Markup:
    """The picture of a break. Raises `KeyError` for one that is none of ours."""
    if key not in BREAKS:
        raise KeyError(key)
    module: Any = _ENVIRONMENT.get_template("breaks/scenes.html").module
    return Markup(module.scene(key))  # noqa: S704


_ENVIRONMENT.globals["drawing"] = drawing
