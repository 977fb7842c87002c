"""Several worker processes over one database: what is shown live is never stale, never torn, and only moves forward."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser

from reflect.demo.campus import create_campus
from reflect.demo.people import read_school
from reflect.demo.platform import CampusPlatform
from reflect.domain import registrations
from reflect.domain.registrations import Application
from reflect.keyring import Keyring
from reflect.storage.database import Database
from tests.browser.demonstration import running
from tests.browser.visits import STUDENTS, TEACHER, Campus
from tests.conftest import fresh_database
from tests.installation import SECRET, tool_at
from tests.pairs import pairs, platform_keys
from tests.servers import free_port, listening, serving
from tests.walker import Walker

EMOTIONS = ("happy", "calm", "tired", "bored", "sad", "curious", "excited", "lonely")


@dataclass(frozen=True)
class Served:
    """`reflect serve --workers 3` and the campus beside it."""

    base_url: str
    platform: CampusPlatform

    def walker(self) -> Walker:
        """A new browser without a screen; each of its requests makes a connection of its own, to any worker."""
        limits = httpx2.Limits(max_keepalive_connections=0)
        return Walker(self.base_url, self.platform, client=httpx2.Client(trust_env=False, timeout=20, limits=limits))


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """An installation of three worker processes."""
    database_url, campus_socket = fresh_database(request.param, tmp_path, request), listening()
    base_url, campus_host = f"http://localhost:{free_port()}", f"127.0.0.1:{campus_socket.getsockname()[1]}"
    school = read_school().speaking("en")
    platform = CampusPlatform(f"http://{campus_host}", school=school, keys=platform_keys())
    tool = tool_at(base_url)
    _register(database_url, platform)
    settings = {
        "REFLECT_BASE_URL": base_url,
        "REFLECT_DATABASE_URL": database_url,
        "REFLECT_SECRET_KEY": SECRET,
        "REFLECT_PRIVATE_HOSTS": campus_host,
    }
    command = ["serve", "--workers", "3", "--port", str(urlsplit(base_url).port)]
    with serving(create_campus(platform, tool), campus_socket), running(command, base_url, **settings):
        yield Served(base_url, platform)


def _register(database_url: str, platform: CampusPlatform) -> None:
    database, pair, keyring = Database(database_url), next(pairs()), Keyring(SECRET)
    application = Application(
        name="Campus",
        lms="other",
        issuer=platform.base_url,
        client_id="reflect-on-campus",
        auth_url=f"{platform.base_url}/authorize",
        token_url=f"{platform.base_url}/token",
        keyset_url=f"{platform.base_url}/jwks",
        deployment_id="1",
    )
    key = registrations.new_key(keyring, pair.kid, pair.private_pem, pair.public_jwk)
    database.write_now(lambda db: registrations.add(db, application, key, datetime.now(UTC)))
    database.close()


@dataclass
class Watcher:
    """A teacher's page that asks again and again; `states` are (version, answered, sum of the bars, people)."""

    walker: Walker
    address: str
    states: list[tuple[int, int, int, int]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def look(self, etag: str = "") -> str:
        """Ask once; the new ETag."""
        cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in self.walker.cookies.items())
        headers = {"Cookie": cookies, "HX-Request": "true", "HX-Request-Type": "partial", "If-None-Match": etag}
        answer = self.walker.client.get(f"{self.walker.tool_base_url}{self.address}", headers=headers)
        assert answer.status_code in {200, 304}, answer.text
        if answer.status_code == 304:
            assert answer.headers["etag"] == etag
            return etag
        self.states.append(_state(answer))
        return str(answer.headers["etag"])

    def go_on(self) -> None:
        """Ask until it is over."""
        etag = ""
        while not self.over.is_set():
            etag = self.look(etag)


def _state(answer: httpx2.Response) -> tuple[int, int, int, int]:
    number = re.search(r'results-number">(\d+)', answer.text)
    assert number
    bars = [int(count) for count in re.findall(r'bar-count">(\d+)', answer.text)]
    version = int(answer.headers["etag"].strip('"').split("-")[1])
    return version, int(number[1]), sum(bars), answer.text.count('class="person"')


def _asked(served: Served) -> Watcher:
    teacher = served.walker()
    home = teacher.follow(teacher.walk(TEACHER, "2", "1"))
    new = re.search(r'href="(/courses/\d+/checkins)/new(\?[^"]*)"', home.text)
    assert new
    form = {"question": "How?", "question_key": "", "answer_form": "words_core", "anonymity": "named"}
    shown = teacher.follow(teacher.post(new[1] + new[2], form))
    live = re.search(r'hx-get="([^"]+)"', shown.text)
    assert live
    return Watcher(teacher, live[1])


def _answer(served: Served, person: str, watcher: Watcher) -> None:
    """Answer twice, and see each time that a look which begins afterwards shows it, whichever worker it meets."""
    student = served.walker()
    student.follow(student.walk(person, "2", "1"))
    (tab,) = (name.rpartition("-")[2] for name in student.cookies if "-tab-" in name)
    checkin = watcher.address.split("/")[2]
    for emotion in EMOTIONS[:2]:
        answer = student.post(f"/checkins/{checkin}/answers?tab={tab}", {"choice": emotion})
        assert answer.status_code == 303, answer.text
        own = student.follow(answer)
        assert emotion in own.text.lower()
    student.client.close()


def test_what_is_shown_live_only_moves_forward(served: Served) -> None:
    watcher = _asked(served)
    unanswered = Watcher(watcher.walker, watcher.address)
    unanswered.look()
    watching = threading.Thread(target=watcher.go_on)
    watching.start()
    answering = [threading.Thread(target=_answer, args=(served, person, watcher)) for person in STUDENTS]
    for thread in answering:
        thread.start()
    for thread in answering:
        thread.join()
    latest = Watcher(watcher.walker, watcher.address)
    latest.look()
    watcher.over.set()
    watching.join()
    watcher.walker.client.close()
    versions = [version for version, *_ in watcher.states]
    assert versions == sorted(set(versions))
    assert all(answered == bars == people for _, answered, bars, people in watcher.states)
    # Each student answers twice; answers that share a transaction raise the version once.
    assert versions[-1] <= latest.states[0][0] <= unanswered.states[0][0] + 2 * len(STUDENTS)
    assert latest.states[0][1:] == (len(STUDENTS),) * 3


def test_a_teachers_page_is_live_whichever_worker_it_meets(served: Served, chromium: Browser) -> None:
    campus, context = Campus(served.platform.base_url, served.base_url), chromium.new_context()
    teacher = campus.frame(context, TEACHER)
    teacher.ask("How was the crowd?")
    for count, person in enumerate(STUDENTS[:3], 1):
        student = campus.frame(context, person)
        student.answer("How was the crowd?", "happy")
        teacher.sees_answers(count)
    context.close()
