"""Rounds of the background's work over many rows: what is wrong with one keeps nothing from the others."""

import asyncio
from collections.abc import Callable, Sequence

from sqlmodel import Session

from reflect.web.house import House


async def each_by_itself(house: House, ids: Sequence[int], work: Callable[[Session, int], int]) -> int:
    """Do it for each id in a transaction that the others may share but that does not fail with them; the sum of what
    was done. Raises the first fault, after all others had their turn."""
    done = await asyncio.gather(
        *(house.database.write(lambda db, id_=id_: work(db, id_)) for id_ in ids),  # type: ignore[misc]
        return_exceptions=True,
    )
    for fault in done:
        if isinstance(fault, BaseException):
            raise fault
    return sum(it for it in done if isinstance(it, int))
