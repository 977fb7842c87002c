"""What an OpenID provider publishes about itself, kept: its addresses and its keys change once in years.

A whole school signs in at nine, and each asks for them twice. They are fetched once in an hour, once for all who wait,
and earlier where something that rests on them has failed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Document = Mapping[str, Any]

LIFETIME: Final = 60 * 60.0
LONGEST: Final = 24 * 60 * 60.0
"""Seconds for which a document is good at most while the provider does not answer."""
PAUSE: Final = 30.0
"""Seconds in which a document is not fetched again, whatever fails: whoever sends nonsense must not make us call."""
MOST: Final = 16


@dataclass(slots=True)
class _Kept:
    document: Document
    fetched_at: float
    is_doubted: bool = False


class Documents:
    """Documents by their addresses; `fetch` brings one, or raises what is raised to whoever asked."""

    def __init__(
        self, fetch: Callable[[str], Awaitable[Document]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch, self._clock = fetch, clock
        self._kept: dict[str, _Kept] = {}
        self._under_way: dict[str, asyncio.Task[Document]] = {}

    async def get(self, url: str) -> Document:
        """The document; raises what `fetch` raises where there is none that is good."""
        kept = self._kept.get(url)
        if kept is not None and not kept.is_doubted and self._age(kept) < LIFETIME:
            return kept.document
        try:
            return await self._fetched(url)
        except Exception:
            if kept is None or self._age(kept) >= LONGEST:
                raise
            return kept.document

    def doubt(self) -> bool:
        """Something that rests on what is kept has failed: fetch it anew when it is next asked for. Whether there is
        anything that was not just fetched."""
        old = [kept for kept in self._kept.values() if self._age(kept) >= PAUSE]
        for kept in old:
            kept.is_doubted = True
        return bool(old)

    def _age(self, kept: _Kept) -> float:
        return self._clock() - kept.fetched_at

    async def _fetched(self, url: str) -> Document:
        """Waits for the one fetch that is under way, or starts it; who gives up leaves it to the others."""
        if url not in self._under_way:
            task = self._under_way[url] = asyncio.create_task(self._keep(url))
            # Where nobody waits any more, nobody need be told.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._under_way[url])

    async def _keep(self, url: str) -> Document:
        try:
            document = await self._fetch(url)
        finally:
            del self._under_way[url]
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[url] = _Kept(document, self._clock())
        return document
