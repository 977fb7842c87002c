"""Services that a platform keeps on hosts of their own get our tokens once an administrator has listed them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from reflect.demo.claims import GRADES
from reflect.demo.forging import Forge, alter_claims
from reflect.storage.services import Score
from reflect.web.gradebooks import deliver
from tests.conftest import fresh_database
from tests.installation import Installation, installed
from tests.web.admin.portal import signed_in
from tests.web.dialogs import STUDENT, TEACHER, arrives, house_of, stored, until

UNLISTED = "is not listed: a launch named services there"


@pytest.fixture
def here(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation that may call this machine under two names."""
    with installed(fresh_database(backend, tmp_path, request), private_hosts="127.0.0.1 localhost") as running:
        yield running


def elsewhere(running: Installation) -> tuple[str, Forge]:
    """The campus under another host, and launches that name its gradebook there."""
    host = running.platform.base_url.replace("http://127.0.0.1", "localhost")

    def moved(right: dict[str, object]) -> dict[str, object]:
        grades = right[GRADES]
        assert isinstance(grades, dict)
        return right | {GRADES: grades | {"lineitems": grades["lineitems"].replace("127.0.0.1", "localhost")}}

    return host, alter_claims(moved)


def faults(running: Installation) -> list[str]:
    return stored(running, lambda db: [row.fault for row in db.exec(select(Score)) if row.tries])


def test_a_mark_waits_until_the_host_of_the_gradebook_is_listed(here: Installation) -> None:
    host, forge = elsewhere(here)
    checkin = arrives(here, TEACHER, forge=forge).asks("How was the canvas?", gives_mark="yes")
    student = arrives(here, STUDENT, forge=forge)
    student.goes_to(f"/checkins/{checkin}")
    student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    assert until(lambda: faults(here)) == ["host_unbound"]
    assert here.platform.gradebook.received == []
    portal = signed_in(here)
    assert f"Host {host} {UNLISTED}" in portal.post("/admin/registrations/1/connections", 200).text
    values = portal.campus_values() | {"name": "Campus", "lms": "other", "client_id": here.tool.client_id}
    portal.post("/admin/registrations/1", **values, service_hosts=host)
    assert UNLISTED not in portal.post("/admin/registrations/1/connections", 200).text
    assert asyncio.run(deliver(house_of(here, minutes=2))) == 1
    assert [(score.user_id, score.given) for _, score in here.platform.gradebook.received] == [(STUDENT, 1.0)]
