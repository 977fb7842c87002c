"""Limits: those that hold over all workers, and those of one worker's memory."""

import asyncio
import html
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from sqlmodel import select
from starlette.exceptions import HTTPException

from reflect.domain.privacy.retention import purge
from reflect.domain.rates import GUESTS_OF_CODE, GUESTS_OF_NETWORK, Limit, count_of
from reflect.keyring import Keyring
from reflect.storage.database import Database
from reflect.storage.guests import GuestOpening
from reflect.storage.rates import RateCount
from reflect.web import entries, guests, house, pace
from reflect.web.rates import LAUNCHES_OF_PLATFORM, Changes, Launches, Rate, Rates
from tests.installation import SECRET, Installation, installed
from tests.web.dialogs import STUDENT, TEACHER, arrives, stored
from tests.web.launching import scene

NOW = datetime(2026, 11, 30, 8, 0, 30, tzinfo=UTC)
TWICE = Limit("twice", 2, timedelta(minutes=1))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def rates_of(database: Database) -> Rates:
    """Another worker on the same database."""
    return Rates(database, Keyring(SECRET))


def rows(database: Database) -> list[RateCount]:
    return database.read_now(lambda db: list(db.exec(select(RateCount)).all()))


async def refused(work: Any) -> HTTPException | None:
    try:
        await work
    except HTTPException as refusal:
        return refusal
    return None


def test_workers_count_together_and_each_key_and_window_by_itself(database: Database) -> None:
    here, there = rates_of(database), rates_of(database)

    async def work() -> None:
        await here.take(NOW, TWICE, "a")
        await there.take(NOW, TWICE, "a")
        refusal = await refused(here.take(NOW, TWICE, "a", "api_too_many"))
        assert refusal is not None and (refusal.status_code, refusal.detail) == (429, "api_too_many")
        assert refusal.headers == {"Retry-After": "60"}
        assert await refused(there.must_be_left(NOW, TWICE, "a"))
        assert await refused(there.must_be_left(NOW, TWICE, "b")) is None
        assert await refused(there.take(NOW, TWICE, "b")) is None
        assert await refused(here.take(NOW + timedelta(seconds=30), TWICE, "a"))
        assert await refused(here.take(NOW + timedelta(seconds=60), TWICE, "a")) is None

    asyncio.run(work())


def test_of_many_at_once_no_more_get_through_than_the_limit_and_a_flood_ends_here(database: Database) -> None:
    workers = [rates_of(database) for _ in range(3)]

    async def work() -> list[HTTPException | None]:
        found = await asyncio.gather(*(refused(worker.take(NOW, TWICE, "a")) for worker in workers * 10))
        counted = rows(database)[0].counted
        for worker in workers * 10:
            await refused(worker.take(NOW, TWICE, "a"))
        assert rows(database)[0].counted <= counted + len(workers), "each worker asks at most once more"
        return found

    assert asyncio.run(work()).count(None) == 2


FEW_AN_HOUR = Limit("few an hour", 6, timedelta(hours=1))
HOUR_ENDS = datetime(2026, 11, 30, 9, tzinfo=UTC)


def taken(database: Database, at: datetime, tries: int = 1, key: str = "a") -> int:
    """How many of so many tries are let through at a moment."""
    count = count_of(Keyring(SECRET), FEW_AN_HOUR, key, at)
    return sum(not database.write_now(count.take) for _ in range(tries))


def test_a_limit_does_not_begin_anew_where_a_window_ends(database: Database) -> None:
    assert taken(database, HOUR_ENDS - timedelta(seconds=1), 20) == 6
    assert taken(database, HOUR_ENDS, 20) == 0
    assert taken(database, HOUR_ENDS + timedelta(minutes=20), 20) == 2
    assert taken(database, HOUR_ENDS + timedelta(minutes=60), 20) == 4, "two were counted in the hour before"
    assert taken(database, HOUR_ENDS + timedelta(hours=3), 20) == 6


def test_who_is_told_to_wait_is_let_through_then_and_not_before(database: Database) -> None:
    for before, since, minute in product((0, 1, 3, 6), (0, 1, 6), (0, 7, 29, 59)):
        key, now = f"{before} {since} {minute}", HOUR_ENDS + timedelta(minutes=minute)
        taken(database, HOUR_ENDS - timedelta(minutes=1), before, key)
        taken(database, now, since, key)
        wait = timedelta(seconds=database.read_now(count_of(Keyring(SECRET), FEW_AN_HOUR, key, now).wait))
        if wait:
            assert taken(database, now + wait - timedelta(seconds=1), key=key) == 0, key
            now += wait + timedelta(seconds=1)
        assert taken(database, now, key=key) == 1, key


def test_of_many_guests_at_once_no_more_get_through_than_the_limit(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guests, "GUESTS_OF_NETWORK", Limit("guests", 2, timedelta(days=365)))
    teacher = arrives(installation, TEACHER)
    teacher.asks("How was it?", anonymity="anonymous")
    teacher.goes_to(r"/checkins/\d+/shares")
    path = re.search(r"/c/[0-9a-z]{8}\b", teacher.sends(r"/checkins/\d+/guest-openings", {"places": "99"}).text)
    assert path
    with ThreadPoolExecutor(12) as hall:
        found = list(hall.map(lambda _: installation.walker().post(path[0], {"choice": "calm"}), range(12)))
    assert sorted(answer.status_code for answer in found) == [303] * 2 + [429] * 10
    assert stored(installation, lambda db: db.exec(select(GuestOpening.answered)).one()) == 2


def test_what_is_stored_is_no_network_and_joins_to_nothing(database: Database) -> None:
    rates, network = rates_of(database), "203.0.113.0/24"

    async def work() -> None:
        for now in (NOW, NOW + timedelta(minutes=10)):
            await rates.take(now, GUESTS_OF_NETWORK, network)
            await rates.take(now, GUESTS_OF_CODE, network)
        await Rates(database, Keyring(SECRET + "!")).take(NOW, GUESTS_OF_NETWORK, network)

    asyncio.run(work())
    found = rows(database)
    # Another hash for each limit, for each window, and for each secret: without it nobody can tell which network it was.
    assert len({row.key_hash for row in found}) == 5
    assert all(len(row.key_hash) == 16 and network.encode() not in row.key_hash for row in found)


def test_what_was_counted_is_deleted_when_it_counts_no_more(database: Database) -> None:
    asyncio.run(rates_of(database).take(NOW, TWICE, "a"))
    database.write_now(lambda db: purge(db, 365, NOW + timedelta(seconds=89)))
    assert len(rows(database)) == 1
    database.write_now(lambda db: purge(db, 365, NOW + timedelta(seconds=90)))
    assert rows(database) == []


def test_a_key_is_used_up_at_its_limit_for_a_minute_and_others_are_not() -> None:
    clock = Clock()
    rate = Rate(2, clock)
    for _ in range(2):
        assert not rate.is_used_up("here")
        rate.note("here")
    assert rate.is_used_up("here")
    assert not rate.is_used_up("there")
    clock.now = 59
    assert rate.is_used_up("here") and rate.seconds_left == 1
    clock.now = 60
    assert not rate.is_used_up("here")


def test_what_is_remembered_is_no_token_and_no_address() -> None:
    changes, rate = Changes(9), Rate(1)
    changes.take("a token")
    rate.note("203.0.113.0/24")
    assert "token" not in str(vars(changes._rate)) and "203.0.113" not in str(vars(rate))


def test_a_person_cannot_go_on_with_another_session() -> None:
    changes = Changes(4)
    for token in ("a", "b", "c", "d"):
        changes.take(token)
        changes.was_of(token, 7)
    changes.take("e")  # nobody knows yet whose it is
    changes.was_of("e", 7)
    with pytest.raises(HTTPException):
        changes.take("e")
    changes.take("f")
    changes.was_of("f", 8)


def test_a_platform_leaves_room_for_the_others_and_alone_it_is_never_refused() -> None:
    launches = Launches(3)
    for _ in range(10):
        launches.take(1)
    launches.take(2)
    with pytest.raises(HTTPException) as refusal:
        launches.take(1)
    assert (refusal.value.status_code, refusal.value.detail) == (429, "too_fast")
    launches.take(2)


def test_mondays_rush_of_one_platform_beside_another_passes_five_times_over() -> None:
    launches = Launches(LAUNCHES_OF_PLATFORM)
    launches.take(2)
    for _ in range(5 * 5_000):
        launches.take(1)


FEW = {"CHANGES_OF_PERSON": 3, "LAUNCHES_OF_PLATFORM": 2, "REFUSALS_OF_NETWORK": 3}


@pytest.fixture
def impatient(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """An installation that takes very little in a minute, and for whose log no second goes by."""
    for name, number in FEW.items():
        monkeypatch.setattr(house, name, number)
    monkeypatch.setattr(pace, "Pace", partial(pace.Pace, clock=Clock()))
    with installed(database_url) as running:
        yield running


def test_who_changes_too_much_is_told_so_and_loses_nothing_they_typed(impatient: Installation) -> None:
    number = arrives(impatient, TEACHER).asks("How was it?", asks_note="yes")
    student = arrives(impatient, STUDENT)
    student.goes_to(f"/checkins/{number}")
    path, note = f"/checkins/{number}/answers", 'Long, "quoted" & <typed>'
    for _ in range(FEW["CHANGES_OF_PERSON"]):
        student.walker.post(f"{path}?{student.page.url.query.decode()}", {"choice": ""})
    answer = student.walker.post(f"{path}?{student.page.url.query.decode()}", {"choice": "calm", "note": note})
    assert (answer.status_code, answer.headers["reflect-error"]) == (429, "too_fast")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert {name: html.unescape(value) for name, value in kept.items()} == {"choice": "calm", "note": note}
    action = re.search(r'class="refused-again" method="post" action="([^"]+)"', answer.text)
    assert action and html.unescape(action[1]) == f"{path}?{student.page.url.query.decode()}"
    assert student.walker.get(str(student.page.url)).status_code == 200, "whoever only reads is not stopped"


def test_asking_for_the_roster_counts_as_a_change(impatient: Installation) -> None:
    teacher = arrives(impatient, TEACHER)
    there = f"{teacher.page.url.path}/rosters?{teacher.page.url.query.decode()}"
    found = [teacher.walker.post(there, {}).status_code for _ in range(FEW["CHANGES_OF_PERSON"] + 1)]
    assert found == [303] * FEW["CHANGES_OF_PERSON"] + [429]


def test_a_flood_of_wrong_launches_is_refused_with_fewer_words_and_a_good_one_comes_in(
    impatient: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    walker = impatient.walker()
    found = [walker.post("/lti/launch", {"state": "nonsense"}) for _ in range(FEW["REFUSALS_OF_NETWORK"] + 3)]
    codes = [answer.headers["reflect-error"] for answer in found]
    assert codes == ["state_unknown"] * 3 + ["too_many_tries"] * 3
    assert {answer.status_code for answer in found[3:]} == {429} and "retry-after" in found[3].headers
    told = [record for record in caplog.records if record.getMessage() == "refused"]
    assert len(told) == 4, "of a flood one line a second"
    assert scene(impatient).arrive().status_code == 200


def test_trying_addresses_at_random_ends_after_a_few_and_a_good_one_lets_in(installation: Installation) -> None:
    walker, codes = installation.walker(), []
    while len(codes) < 70 and "too_many_tries" not in codes:
        answer = walker.get("/admin/sign-in?invitation=wrong") if len(codes) % 2 else walker.get("/lti/register")
        codes.append(answer.headers["reflect-error"])
    assert codes[-1] == "too_many_tries" and 30 <= codes.count("invitation_unknown") <= 60
    assert walker.get("/admin/sign-in").status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/admin/oidc/new"), ("POST", "/sign-ins")])
def test_a_network_makes_us_call_the_provider_so_often_and_no_more(
    database_url: str, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    monkeypatch.setattr(entries, "SIGN_INS", Limit("sign-ins", 1, timedelta(days=365)))
    provider = {
        "oidc_issuer": "http://127.0.0.1:9",
        "oidc_client_id": "reflect",
        "oidc_client_secret": "not a real one",
    }
    with installed(database_url, private_hosts="127.0.0.1", oidc_required=True, **provider) as running:
        walker = running.walker()
        answers = [walker.get(path) if method == "GET" else walker.post(path, {"nothing": ""}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 429]
    assert answers[1].headers["reflect-error"] == "too_many_tries"
