"""Who is shown names is written down before the page goes out, also where two are asked for at once."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session, select

from reflect.domain.api_keys import Bearer
from reflect.storage.accesses import Access
from reflect.web import accesses
from reflect.web.api import responses
from reflect.web.house import House
from tests.installation import Installation
from tests.web.api.warehouse import warehouse
from tests.web.dialogs import TEACHER, arrives, house_of, stored

Noted = Callable[[House, Any, Any], Awaitable[None]]


def by_checkin(house: House, viewer: Any, checkin: Any) -> Awaitable[None]:
    return accesses.note_names(asking(house), viewer, checkin)


def by_student(house: House, viewer: Any, checkin: Any) -> Awaitable[None]:
    return accesses.note_students(asking(house), viewer, [viewer.person_id], "page")


def by_key(house: House, viewer: Any, checkin: Any) -> Awaitable[None]:
    return responses._note(house, Bearer(1, "warehouse", True, True, None), [], house.now())


def asking(house: House) -> Any:
    return SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(house=house)))


def test_of_two_pages_at_once_neither_goes_out_before_it_is_written(installation: Installation) -> None:
    number, house = arrives(installation, TEACHER).asks("How was it?"), house_of(installation)
    warehouse(installation, "named")
    viewer, checkin = SimpleNamespace(person_id=1, course_id=1), SimpleNamespace(id=number)

    async def both(note: Noted, is_free: threading.Event) -> None:
        holding = asyncio.create_task(house.database.write(lambda _db: is_free.wait(10)))
        await asyncio.sleep(0)
        pages = [asyncio.create_task(note(house, viewer, checkin)) for _ in range(2)]
        for _ in range(5):
            await asyncio.sleep(0)
        are_out = [page.done() for page in pages]
        is_free.set()
        await asyncio.gather(holding, *pages)
        assert are_out == [False, False], note

    for note in (by_checkin, by_student, by_key):
        asyncio.run(both(note, threading.Event()))
    assert len(stored(installation, readers)) == 1


def readers(db: Session) -> list[Access]:
    return list(db.exec(select(Access)).all())
