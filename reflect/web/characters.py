"""The family of characters (docs/characters.md). Each is drawn once, because a page may show 56 of them."""

from functools import lru_cache

from markupsafe import Markup

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
