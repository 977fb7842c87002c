"""Three machines, one PostgreSQL, nginx in front: whatever fails, no acknowledged answer is lost, none is doubled."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, col, func, select

from reflect.storage.answers import Answer, Participation, SealedAnswer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.people import Person
from tests.scale.crowd import Class, Watcher, school_day, watching
from tests.scale.lan import why_not
from tests.scale.site import Site, is_up, site, until

pytestmark = pytest.mark.slow

LONGEST = 25.0
"""Seconds after which a browser would say that the site hangs."""


@pytest.fixture(scope="module")
def three() -> Iterator[Site]:
    if reason := why_not():
        pytest.skip(reason)
    with site({"first": 2, "second": 1, "third": 1}) as found:
        yield found


def kept(found: Class) -> tuple[dict[str, str], dict[str, int], set[str], int]:
    """Of the named check-in who said what, and the roll-up; of the anonymous one who took part, and the sealed."""

    def work(db: Session) -> tuple[dict[str, str], dict[str, int], set[str], int]:
        named = select(Person.sub, Answer.choice).join(Answer, col(Answer.person_id) == Person.id)
        tally = select(Tally.choice, func.sum(Tally.count)).where(Tally.checkin_id == found.named)
        took_part = select(Person.sub).join(Participation, col(Participation.person_id) == Person.id)
        sealed = select(func.count()).where(SealedAnswer.checkin_id == found.anonymous)
        rows = db.exec(named.where(Answer.checkin_id == found.named)).all()
        assert len(dict(rows)) == len(rows)
        return (
            dict(rows),
            {choice: count for choice, count in db.exec(tally.group_by(Tally.choice)).all() if count},
            set(db.exec(took_part.where(Participation.checkin_id == found.anonymous)).all()),
            db.exec(sealed).one(),
        )

    return found.site.running.database.read_now(work)


def assert_nothing_is_lost_or_doubled(found: Class) -> None:
    choices, tally, took_part, sealed = kept(found)
    assert found.answered.keys() <= choices.keys()
    wrong = {
        who: (choices[who], said)
        for who, said in found.answered.items()
        if choices[who] not in {said, *found.unsure.get(who, ())}
    }
    assert not wrong
    assert tally == Counter(choices.values())
    assert found.took_part <= took_part <= found.took_part | found.tried
    assert sealed == len(took_part)


def assert_refusals_are_told(found: Class) -> None:
    """In time: `unavailable`, or `unsure` where the database fell in a COMMIT, or a launch or session that the crash took."""
    odd = [
        it
        for it in found.heard
        if it.status not in {200, 303, 304}
        if not (it.status == 503 and it.code == "unavailable" and it.retry_after)
        if not (it.status == 503 and it.code == "unsure" and it.retry_after and it.what == "answer")
        if not (it.status == 401 and it.code in {"session_missing", "state_used"})
    ]
    assert not odd, found.faults()
    assert not [it for it in found.heard if "Traceback" in it.body]
    assert max(it.seconds for it in found.heard) < LONGEST, sorted(it.seconds for it in found.heard)[-5:]
    assert '"broken"' not in found.site.logs()


def test_machines_die_the_database_restarts_and_a_network_is_cut_while_a_school_answers(three: Site) -> None:
    with school_day(three) as found, watching(found) as watcher:
        until(found.more(30), "the school answers")
        _lose_a_worker(three, found)
        _lose_a_machine(three, found)
        _restart_the_database(three, found)
        _cut_a_network(three, found)
        found.is_over.set()
        _hear_the_last(found, watcher)
    assert_nothing_is_lost_or_doubled(found)
    assert_refusals_are_told(found)
    assert ("answer", 503, "unavailable") in found.faults()
    _the_background_goes_on(three, found.named)


def _lose_a_worker(three: Site, found: Class) -> None:
    app = three.apps["first"]
    before = app.workers_now()
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(app.workers_now() - before) == 1, "another worker takes its place")
    until(found.more(10), "the school answers without a worker")


def _lose_a_machine(three: Site, found: Class) -> None:
    app = three.apps["second"]
    app.end(signal.SIGKILL, whole=True)
    until(found.more(20), "the school answers without a machine")
    app.start()
    until(app.is_ready, "the machine is back")


def _restart_the_database(three: Site, found: Class) -> None:
    three.postgres.control("-m", "immediate", "stop")
    assert not is_up(three.postgres)
    heard = len(found.heard)
    until(lambda: any(it.code == "unavailable" for it in found.heard[heard:]), "somebody hears of it")
    three.postgres.start(three.network.middle)
    until(found.more(20), "the school answers again")
    for name, app in three.apps.items():
        until(app.is_ready, f"{name} has found the database again")


def _cut_a_network(three: Site, found: Class) -> None:
    three.network.cut("third")
    began = time.monotonic()
    until(found.more(20), "the school answers beside what is cut off")
    until(lambda: time.monotonic() - began > 3, "a while passes")
    three.network.mend("third")
    until(three.apps["third"].is_ready, "what was cut off is back")


def _hear_the_last(found: Class, watcher: Watcher) -> None:
    """What is under way comes to its end, and then the teacher's page shows all of it."""
    counts = [-1, -2]
    while counts[-1] != counts[-2]:
        counts.append(len(kept(found)[0]))
        time.sleep(0.5)
    until(lambda: watcher.number == counts[-1], f"the page shows {counts[-1]} (and shows {watcher.number})")


def _the_background_goes_on(three: Site, checkin_id: int) -> None:
    def fall_due(db: Session) -> None:
        db.get_one(Checkin, checkin_id).closes_at = datetime.now(UTC)

    database = three.running.database
    database.write_now(fall_due)
    until(lambda: database.read_now(lambda db: db.get_one(Checkin, checkin_id).closed_at), "it closes by itself")


def test_servers_are_renewed_and_stopped_while_a_school_answers(three: Site) -> None:
    first, second, third = three.apps.values()
    with school_day(three) as found:
        until(found.more(30), "the school answers")
        before = first.workers_now()
        os.kill(first.pid, signal.SIGHUP)
        until(lambda: len(first.workers_now()) == 2 and not first.workers_now() & before, "both workers are new")
        os.kill(third.pid, signal.SIGHUP)
        until(found.more(20), "the school answers meanwhile")
        until(lambda: third.has_begun_anew() and third.is_ready(), "the one process has begun anew")
        until(found.more(5), "the school goes on")
        assert not found.faults()
        second.end(signal.SIGTERM)
        assert second.process.returncode in {0, -signal.SIGTERM}
        until(found.more(20), "the school answers without it")
        second.start()
        until(second.is_ready, "it is back")
    assert_nothing_is_lost_or_doubled(found)
    assert_refusals_are_told(found)
