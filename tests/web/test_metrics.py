"""The metrics: what an administrator needs at midnight, and nothing from which to tell who did what."""

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import Session
from starlette.applications import Starlette

from reflect import meters
from reflect.settings import METERS_FOLDER, Settings
from reflect.storage.database import Database
from reflect.storage.services import late_scores
from reflect.web import metrics
from reflect.web.house import build
from reflect.web.metrics import RESOLUTION, Metered, kind_of, told
from tests.browser.demonstration import running
from tests.domain.privacy.test_log import found, open_anonymous
from tests.installation import SECRET, Installation, installed
from tests.servers import free_port
from tests.walker import http_client
from tests.web.launching import assert_refused, scene

LABELS = {"kind", "status", "outcome", "what", "work", "version", "le"}
TOKEN = "a-token-for-the-prometheus"
Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def samples() -> Samples:
    """Everything that this process has counted, but for its own work."""
    ours = (sample for family in meters.REGISTRY.collect() for sample in family.samples)
    return {(it.name, tuple(sorted(it.labels.items()))): it.value for it in ours if "_seconds_" not in it.name}


def requested(kind: str) -> Samples:
    """What has been counted of requests of a kind; an installation that tests share goes on with its own work."""
    return {key: value for key, value in samples().items() if ("kind", kind) in key[1]}


def risen(before: Samples) -> set[str]:
    """Which requests, launches and faults have been counted since."""
    return {
        " ".join([name, *(value for _, value in labels)])
        for (name, labels), value in samples().items()
        if value > before.get((name, labels), 0) and name.startswith(("reflect_launches", "reflect_faults"))
    }


def told_by(running: Installation) -> str:
    return str(running.walker().get("/metrics").raise_for_status().text)


def test_metrics_are_prometheus_text_with_known_labels_only(shared: Installation) -> None:
    somebody = scene(shared, "Instructor", name="Quillon Inkfeather")
    somebody.arrive()
    answered = shared.walker().get("/metrics")
    assert answered.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answered.headers["cache-control"] == "no-store"
    families = list(text_string_to_metric_families(answered.text))
    assert {family.name for family in families} >= {
        "reflect_requests", "reflect_request_seconds", "reflect_launches", "reflect_commit_seconds", "reflect_writes_waiting",
        "reflect_memory_bytes", "reflect_cpu_seconds", "reflect_database_up", "reflect_build_info",
    }  # fmt: skip
    used = [sample for family in families for sample in family.samples]
    assert {label for sample in used for label in sample.labels} <= LABELS
    assert {sample.labels["kind"] for sample in used if "kind" in sample.labels} == set(meters.KINDS)
    assert not [sample.name for sample in used if sample.name.endswith("_created")]
    assert not re.search(r"/|Quillon", re.sub(r"(?m)^#.*$", "", answered.text))


def test_launches_are_counted_by_how_they_ended(shared: Installation) -> None:
    before = samples()
    scene(shared).arrive()
    assert risen(before) == {"reflect_launches_total admitted"}
    before, somebody = samples(), scene(shared)
    somebody.login()
    somebody.launch("B16-payload")
    assert risen(before) == {"reflect_launches_total signature"}


def test_of_a_change_nothing_is_counted_but_that_it_was_one(installation: Installation) -> None:
    open_anonymous(installation.walker())
    student = installation.walker()
    home = student.follow(student.walk("6", "2", "1"))
    question = student.get(found(r'href="(/checkins/\d+[^"]*)"', home.text))
    talk = found(r'href="(/courses/\d+/talks[^"]*)"', home.text)
    answers = found(r'<form[^>]*action="(/checkins/\d+/answers[^"]*)"', question.text)
    risen_by = []
    for address, fields in ((talk, {"message": "Please."}), (answers, {"choice": "calm"})):
        before = until_counted(installation)
        assert student.post(address, fields).status_code == 303
        after = until_counted(installation)
        risen_by.append({key for key, value in after.items() if value > before.get(key, 0)} - OF_LOOKING)
    change = ("reflect_requests_total", (("kind", "change"), ("status", "3xx")))
    assert [{key for key in keys if key[0].endswith("_total")} for keys in risen_by] == [{change}] * 2


OF_LOOKING = {("reflect_requests_total", (("kind", kind), ("status", "2xx"))) for kind in ("lti", "operations")}
"""What goes up by `until_counted`, and by the campus that fetches our keys."""


def until_counted(running: Installation) -> Samples:
    """Everything counted; an answer is counted just after it has gone out, so before the next one is begun."""
    running.walker().get("/health/live")
    return samples()


def test_asking_often_tells_nothing_finer(installation: Installation) -> None:
    def differing_texts() -> tuple[int, float]:
        began, texts = time.monotonic(), {told_by(installation)}
        for _ in range(3):
            installation.walker().walk("6", "2", "1")
            texts.add(told_by(installation))
        return len(texts), time.monotonic() - began

    # What is told is renewed within a second of the end of a window; so fast a look meets one end at most.
    texts, seconds = differing_texts()
    assert texts <= 2 or seconds > RESOLUTION - 1


def test_without_a_token_only_programs_of_this_machine_are_told(shared: Installation) -> None:
    with http_client() as client:
        assert client.get(f"{shared.base_url}/metrics").status_code == 200
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
            assert_refused(client.get(f"{shared.base_url}/metrics", headers={header: "127.0.0.1"}), "not_allowed")


def test_with_a_token_whoever_has_it_is_told(database_url: str) -> None:
    with installed(database_url, metrics_token=TOKEN) as running, http_client() as client:
        address = f"{running.base_url}/metrics"
        for headers in ({}, {"Authorization": "Bearer another"}, {"Authorization": f"Basic {TOKEN}"}):
            assert_refused(client.get(address, headers=headers), "not_allowed")
        proxied = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.9"}
        assert client.get(address, headers=proxied).status_code == 200


def test_without_a_database_there_still_are_metrics(tmp_path: Path) -> None:
    async def tell() -> str:
        app, database = Starlette(), Database(f"sqlite:///{tmp_path / 'empty.db'}")
        async with told(app, build(Settings(_env_file=None), database)):
            text = app.state.metrics.decode()
        database.close()
        return text

    assert "reflect_database_up 0.0" in asyncio.run(tell())


def test_a_database_that_hangs_holds_up_neither_the_metrics_nor_more_than_one_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "PATIENCE", 0.05)
    over, asked_at = threading.Event(), []

    def hang(db: Session, now: datetime) -> int:
        if not str(db.connection().engine.url).endswith("empty.db"):
            return late_scores(db, now)  # of an installation that tests share, and that tells meanwhile
        asked_at.append(time.monotonic())
        over.wait(20)
        return 7

    async def tell() -> str:
        monkeypatch.setattr(metrics, "late_scores", hang)
        app, database = Starlette(), Database(f"sqlite:///{tmp_path / 'empty.db'}")
        async with told(app, build(Settings(_env_file=None), database), resolution=0.1):
            assert "reflect_database_up 0.0" in app.state.metrics.decode()
            await asyncio.sleep(0.5)
            assert len(asked_at) == 1
            over.set()
            async with asyncio.timeout(20):
                while "reflect_database_up 1.0" not in app.state.metrics.decode():
                    await asyncio.sleep(0.05)
            text = app.state.metrics.decode()
        database.close()
        return text

    assert "reflect_marks_late 7.0" in asyncio.run(tell())


def test_an_answer_that_never_began_is_not_counted() -> None:
    async def hang_up(*_: object) -> None:
        raise asyncio.CancelledError

    async def ask() -> None:
        with pytest.raises(asyncio.CancelledError):
            await Metered(hang_up)({"type": "http", "path": "/api/v1/x", "method": "GET"}, None, None)  # type: ignore[arg-type]

    before = requested("api")
    asyncio.run(ask())
    assert requested("api") == before


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/lti/launch", "launch"),
        ("POST", "/lti/proofs", "launch"),
        ("GET", "/lti/login", "lti"),
        ("GET", "/checkins/7", "page"),
        ("GET", "/c/abc", "page"),
        ("POST", "/c/abc", "change"),
        ("POST", "/checkins/7/answers", "change"),
        ("POST", "/courses/7/autosaves", "change"),
        ("POST", "/courses/7/talks", "change"),
        ("GET", "/admin/registrations", "portal"),
        ("GET", "/api/v1/openapi.json", "api"),
        ("GET", "/static/css/x.css", "static"),
        ("GET", "/metrics", "operations"),
        ("GET", "", "page"),
        ("OPTIONS", "*", "page"),
    ],
)
def test_what_kind_a_request_is(method: str, path: str, kind: str) -> None:
    assert kind_of({"method": method, "path": path}) == kind


def test_several_workers_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base_url, folder = f"http://localhost:{free_port()}", tmp_path / "counted"
    folder.mkdir()
    settings = {
        "REFLECT_BASE_URL": base_url,
        "REFLECT_DATABASE_URL": f"sqlite:///{tmp_path / 'reflect.db'}",
        "REFLECT_SECRET_KEY": SECRET,
        METERS_FOLDER: str(folder),
    }
    command = ["serve", "--workers", "2", "--port", base_url.rpartition(":")[2]]
    monkeypatch.setenv(METERS_FOLDER, str(folder))
    with running(command, base_url, **settings), http_client() as client:
        deadline = time.monotonic() + 90
        while meters.registry().get_sample_value("reflect_workers") != 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert "\nreflect_workers " in client.get(f"{base_url}/metrics").text


COUNT_AND_GO = "from reflect import meters; meters.ADMITTED.inc(); meters.Worker().note(3, 0)"
"""What another worker does in its life."""


def test_what_a_worker_has_counted_stays_when_it_is_gone_and_what_waited_there_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(METERS_FOLDER, str(tmp_path))
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNT_AND_GO], check=True, timeout=60)
    assert list(tmp_path.glob("gauge_livesum_*.db"))
    together = meters.registry()
    assert together.get_sample_value("reflect_launches_total", {"outcome": "admitted"}) == 2
    assert together.get_sample_value("reflect_writes_waiting") is None


def test_a_file_that_another_worker_is_just_making_keeps_no_server_from_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "counted"
    folder.mkdir()
    monkeypatch.setenv(METERS_FOLDER, str(folder))
    file = folder / "counter_1.db"
    file.touch()

    async def tell() -> str:
        app, database = Starlette(), Database(f"sqlite:///{tmp_path / 'empty.db'}")
        async with told(app, build(Settings(_env_file=None), database), resolution=0.1):
            assert app.state.metrics == b""
            file.unlink()
            subprocess.run([sys.executable, "-c", COUNT_AND_GO], check=True, timeout=60)
            async with asyncio.timeout(30):
                while b"reflect_launches_total" not in app.state.metrics:
                    await asyncio.sleep(0.05)
        database.close()
        return str(app.state.metrics, "utf-8")

    assert 'reflect_launches_total{outcome="admitted"} 1.0' in asyncio.run(tell())


def test_two_workers_may_leave_out_the_same_dead_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(METERS_FOLDER, str(tmp_path))
    subprocess.run([sys.executable, "-c", COUNT_AND_GO], check=True, timeout=60)
    remove = os.remove

    def remove_after_another(path: str) -> None:
        remove(path)
        remove(path)

    monkeypatch.setattr(os, "remove", remove_after_another)
    assert meters.registry() is not meters.REGISTRY
