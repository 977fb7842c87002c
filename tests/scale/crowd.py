"""Students and a teacher at a site: they ask again when something fails, as people do, and note what was acknowledged."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from typing import Any

import httpx2

from reflect.demo.authorization import FormPost
from tests.scale.site import BASE_URL, Site
from tests.walker import Walker
from tests.web.launching import Scene, new_id, scene

AT_ONCE = 8
CHOICES = ("happy", "calm", "tired", "bored", "sad", "confident")
PAUSE = 0.2
"""Seconds until somebody who got a refusal tries again: sooner than they are told, so that more is tried."""


@dataclass(frozen=True)
class Heard:
    """What a browser got, and after how many seconds."""

    what: str
    status: int
    code: str
    retry_after: str
    seconds: float
    body: str


@dataclass
class Class:
    """A course, what it is asked, and all that was heard and acknowledged."""

    site: Site
    scene: Scene
    named: int
    anonymous: int
    heard: list[Heard] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)
    """Who got their named answer acknowledged, and the last one of them."""
    unsure: dict[str, set[str]] = field(default_factory=dict)
    """What else was sent, and never acknowledged."""
    took_part: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)
    acknowledged: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    def faults(self) -> Counter[tuple[str, int, str]]:
        """What was heard and was neither what was wanted nor to be expected."""
        return Counter((it.what, it.status, it.code) for it in self.heard if it.status not in {200, 303, 304})

    def ask(self, what: str, request: Callable[[], httpx2.Response]) -> httpx2.Response | None:
        """Send one request; None where nothing came back."""
        began = time.monotonic()
        try:
            answer = request()
        except httpx2.HTTPError as error:
            self.heard.append(Heard(what, 0, type(error).__name__, "", time.monotonic() - began, ""))
            return None
        code, again = (answer.headers.get(name, "") for name in ("Reflect-Error", "Retry-After"))
        body = answer.text if answer.status_code >= 400 else ""
        self.heard.append(Heard(what, answer.status_code, code, again, time.monotonic() - began, body))
        return answer

    def insist(self, what: str, request: Callable[[], httpx2.Response]) -> httpx2.Response | None:
        """Send a request until it is answered by anything but a refusal of the moment; None when all is over."""
        while not self.is_over.is_set():
            answer = self.ask(what, request)
            if answer is not None and answer.status_code not in {502, 503, 504}:
                return answer
            time.sleep(PAUSE)
        return None

    def more(self, count: int) -> Callable[[], bool]:
        """Whether so many more answers than now were acknowledged."""
        wanted = self.acknowledged + count
        return lambda: self.acknowledged >= wanted


@contextmanager
def school_day(site: Site) -> Iterator[Class]:
    """A teacher asks twice, and students come and answer until the block ends."""
    with site.client() as client:
        at = scene(site.running, "Instructor", walker=site.walker(client))
        home = str(at.arrive().url)
        numbers = [_made(at.walker, home, anonymity) for anonymity in ("named", "anonymous")]
    found = Class(site, at, *numbers)
    threads = [threading.Thread(target=_browser, args=(found,)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.is_over.set()
        for thread in threads:
            thread.join()


def _made(walker: Walker, home: str, anonymity: str) -> int:
    address = home.removeprefix(BASE_URL).replace("?", "/checkins?")
    fields = {"question": "How are you?", "question_key": "", "answer_form": "words_core"}
    made = walker.post(address, fields | {"anonymity": anonymity, "release": "at_close"})
    assert made.status_code == 303, made.text
    return int(made.headers["location"].split("/")[2].partition("?")[0])


def _browser(found: Class) -> None:
    with found.site.client() as client:
        while not found.is_over.is_set():
            student = _somebody_new(found, client)
            for choice in islice(cycle(CHOICES[len(found.tried) % len(CHOICES) :]), 3):
                _answer(found, student, found.named, choice)
            _answer(found, student, found.anonymous, "calm")


@dataclass
class Student:
    """Somebody with a browser; `tab` is of their last launch."""

    scene: Scene
    tab: str = ""

    @property
    def name(self) -> str:
        """The id that the platform sends."""
        return self.scene.person.sub


def _somebody_new(found: Class, client: httpx2.Client) -> Student:
    course = found.scene.course
    person = replace(found.scene.person, sub=new_id(), roles={course.id: _LEARNER})
    return Student(replace(found.scene, walker=found.site.walker(client), person=person))


_LEARNER = ("http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",)


def _launch(found: Class, student: Student) -> None:
    """Open the activity, from the beginning as often as it takes."""
    at = student.scene
    while not found.is_over.is_set():
        login = found.insist("login", lambda: at.walker.login(at.person, at.course, at.activity))
        if login is None or not at.walker.asked:
            continue
        form: FormPost = at.walker.authorize()
        answer = found.ask("launch", lambda form=form: at.walker.post_form(form))
        if answer is not None and answer.status_code == 303:
            student.tab = re.search(r"tab=[^&#]*", answer.headers["location"])[0]
            return
        time.sleep(PAUSE)


def _answer(found: Class, student: Student, checkin: int, choice: str) -> None:
    """Answer once, and launch again where the session is gone."""
    while not found.is_over.is_set():
        if not student.tab:
            _launch(found, student)
            continue
        _note_try(found, student, checkin, choice)
        address, fields = f"/checkins/{checkin}/answers?{student.tab}", {"choice": choice}
        answer = found.insist("answer", lambda to=address, it=fields: student.scene.walker.post(to, it))
        if answer is not None and answer.status_code == 303:
            return _note_answer(found, student, checkin, choice)
        student.tab = ""


def _note_try(found: Class, student: Student, checkin: int, choice: str) -> None:
    if checkin == found.named:
        found.unsure.setdefault(student.name, set()).add(choice)
    else:
        found.tried.add(student.name)


def _note_answer(found: Class, student: Student, checkin: int, choice: str) -> None:
    if checkin == found.named:
        found.answered[student.name] = choice
        found.unsure[student.name] = set()
    else:
        found.took_part.add(student.name)
    found.acknowledged += 1


@dataclass
class Watcher:
    """The teacher's page, which asks again and again with the ETag that it has."""

    found: Class
    walker: Walker
    address: str = ""
    etag: str = ""
    number: int = -1
    """How many have answered, as the page says."""

    def look(self) -> None:
        """Ask once."""
        headers = {"HX-Request": "true", "If-None-Match": self.etag}
        answer = self.found.ask("live", lambda: self._get(headers))
        if answer is not None and answer.status_code == 401:
            self.arrive()  # the session was younger than what the database had written when it fell
        if answer is not None and answer.status_code == 200:
            self.etag = answer.headers["ETag"]
            self.number = int(re.search(r'results-number">([\d,]+)<', answer.text)[1].replace(",", ""))

    def arrive(self) -> None:
        """Open the activity."""
        with suppress(AssertionError, KeyError, httpx2.HTTPError):
            tab = str(replace(self.found.scene, walker=self.walker).arrive().url).partition("?")[2]
            self.address = f"/checkins/{self.found.named}/results?{tab}"

    def _get(self, headers: dict[str, str]) -> httpx2.Response:
        cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in self.walker.cookies.items())
        url: Any = BASE_URL + self.address
        return self.walker.client.get(url, headers={**headers, "Cookie": cookies, "Accept": "text/html"})


@contextmanager
def watching(found: Class) -> Iterator[Watcher]:
    """A teacher who looks at the results of the named check-in until the block ends."""
    with found.site.client() as client:
        watcher, is_over = Watcher(found, found.site.walker(client)), threading.Event()
        watcher.arrive()
        assert watcher.address

        def look() -> None:
            while not is_over.wait(PAUSE):
                watcher.look()

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield watcher
        finally:
            is_over.set()
            thread.join()
