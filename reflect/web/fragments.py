"""Live parts of pages that were rendered already: whoever is to see the very same is given the same.

After an answer all pages of its class fetch the results anew within two seconds. What each may see is read from the
database for each; only the rendering is shared, and only where all that it is made of is equal.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

MOST: int = 64
"""Parts that are kept, some ten kilobytes each."""


class Fragments:
    """The newest rendering under each key, as long as what it was made of is what is to be shown."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[Any, str]] = OrderedDict()

    def of(self, key: Hashable, content: Any, render: Callable[[], str]) -> str:
        """What `render` gives for a content. The key tells apart what is rendered differently though it is equal."""
        kept = self._kept.pop(key, None)
        if kept is None or kept[0] != content:
            kept = (content, render())
        self._kept[key] = kept
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return kept[1]
