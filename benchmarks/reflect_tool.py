"""Reflect, driven only over its public contract: its commands, its settings and its pages."""

import json
import os
import re
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import count

from benchmarks.browser import SignedIn, Tool, get, post, sign_in
from benchmarks.databases import Database
from benchmarks.generator import Reply, drive
from benchmarks.lms import AUTH_URL, CLIENT_ID, DEPLOYMENT_ID, ISSUER, TOKEN_URL, Lms, Person
from benchmarks.servers import Server, free_port
from benchmarks.workplace import Workplace

TEACHER = Person(1_000_000, role="Instructor")
MOST_ASKED = 25
"""Check-ins that one teacher makes in one benchmark, well below the limit for one person."""
NEW_CHECKIN = {"question": "How are you today?", "form": "words_core", "anonymity": "named"}
_NEW_CHECKIN_LINK = re.compile(r'href="([^"]*/courses/[^"/]+/checkins/new[^"]*)"')


@contextmanager
def running_reflect(workplace: Workplace, database: Database) -> Iterator[tuple[Server, Tool]]:
    """A fresh installation on an empty database, with the LMS registered."""
    env = surroundings(workplace, database)
    install(workplace, env)
    with serving_reflect(workplace, env) as server:
        yield server, Tool(server.port, "/lti/login", "/lti/launch")


def surroundings(workplace: Workplace, database: Database) -> Mapping[str, str]:
    """The settings of an installation that has this database, and a port of its own."""
    return {
        "REFLECT_BASE_URL": f"http://localhost:{free_port()}",
        "REFLECT_DATABASE_URL": database.url,
        "REFLECT_SECRET_KEY": secrets.token_hex(32),
        "REFLECT_PRIVATE_HOSTS": f"127.0.0.1:{workplace.lms.port}",
    }


def install(workplace: Workplace, env: Mapping[str, str]) -> None:
    """Migrate the database, and register the LMS."""
    command(workplace, env, "migrate")
    command(workplace, env, *_registration(workplace.lms))


@contextmanager
def serving_reflect(workplace: Workplace, env: Mapping[str, str], workers: int = 1) -> Iterator[Server]:
    """An installation that is served, by one worker unless said."""
    port = int(env["REFLECT_BASE_URL"].rpartition(":")[2])
    serve = [workplace.reflect, "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    with workplace.serving(serve, port, env) as server:
        yield server


def _registration(lms: Lms) -> list[str]:
    values = {
        "name": "Benchmark",
        "lms": "moodle",
        "issuer": ISSUER,
        "client-id": CLIENT_ID,
        "auth-url": AUTH_URL,
        "token-url": TOKEN_URL,
        "keyset-url": lms.keyset_url,
        "deployment-id": DEPLOYMENT_ID,
    }
    options = [part for name, value in values.items() for part in (f"--{name}", value)]
    return ["registration", "add", *options, "--json"]


def command(workplace: Workplace, env: Mapping[str, str], *arguments: str) -> str:
    """Run a command of Reflect's, and what it prints; raises RuntimeError where it fails."""
    done = subprocess.run(
        [workplace.reflect, *arguments],
        env={**os.environ, **env},
        cwd=workplace.folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"reflect {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    if "--json" in arguments:
        json.loads(done.stdout)
    return done.stdout


def within(person: SignedIn, path: str) -> str:
    """The address of a page in somebody's tab."""
    tab = re.search(r"[?&](tab=[^&#]*)", person.location)
    return path + (f"?{tab[1]}" if tab else "")


class Course:
    """One course in a running Reflect, as its teacher's and students' browsers see it."""

    def __init__(self, tool: Tool, lms: Lms, number: int = 2) -> None:
        self.tool = tool
        self.lms = lms
        self.name = str(number)
        # Each course has a teacher of its own, and colleagues of that teacher: nobody makes fifty check-ins at once.
        self._teachers = (
            replace(TEACHER, number=TEACHER.number + number + 10**7 * colleague, course=self.name)
            for colleague in count()
        )
        self.teacher = self._asking = self._next_teacher()
        self._asked = 0

    def students(self, number: int) -> list[SignedIn]:
        """That many students, each launched once."""
        return sign_in(self.tool, self.lms, [Person(each, course=self.name) for each in range(1, number + 1)])

    def new_checkin(self) -> str:
        """The path of a named check-in that a teacher has just made with the form."""
        self._asked += 1
        if self._asked % MOST_ASKED == 0:
            self._asking = self._next_teacher()
        page = self._get(self._asking.location)
        link = _NEW_CHECKIN_LINK.search(page.body.decode())
        if not link:
            raise RuntimeError(f"the teacher's page has no link to a new check-in: {page.body[:1000]!r}")
        form = _Form.of(self._get(unescape(link[1])), NEW_CHECKIN)
        request = post(self.tool.host, form.action, form.fields, self._asking.cookies, "same-origin")
        reply = drive(self.tool.port, [request], 1).replies[0]
        made = re.search(r"/checkins/[^/?#]+", (reply.header("location") or [""])[0])
        if not made:
            raise RuntimeError(f"no check-in was made: {reply.status} {reply.body[:1000]!r}")
        return made[0]

    def close(self, checkin: str) -> None:
        """The teacher closes a check-in; raises RuntimeError where that does not do."""
        path = within(self.teacher, f"{checkin}/closures")
        request = post(self.tool.host, path, {}, self.teacher.cookies, "same-origin")
        reply = drive(self.tool.port, [request], 1).replies[0]
        if reply.status != 303:
            raise RuntimeError(f"a check-in was not closed: {reply.status} {reply.body[:1000]!r}")

    def answer(self, checkin: str, student: SignedIn, choice: str) -> bytes:
        """The student's form, sent."""
        return post(
            self.tool.host, within(student, f"{checkin}/answers"), {"choice": choice}, student.cookies, "same-origin"
        )

    def _next_teacher(self) -> SignedIn:
        return sign_in(self.tool, self.lms, [next(self._teachers)])[0]

    def _get(self, address: str) -> Reply:
        path = address.removeprefix(f"http://{self.tool.host}")
        return drive(self.tool.port, [get(self.tool.host, path, self._asking.cookies)], 1).replies[0]


class _Form(HTMLParser):
    """The first posted form of a page that has a question, with the values that a browser would send."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        super().__init__()
        self.wanted = wanted
        self.action = ""
        self.fields: dict[str, str] = {}
        self.inside = False

    @classmethod
    def of(cls, page: Reply, wanted: Mapping[str, str]) -> "_Form":
        """Reads the form and fills in what is wanted; raises RuntimeError where the page has none."""
        form = cls(wanted)
        form.feed(page.body.decode())
        if not form.action:
            raise RuntimeError(f"no form on the page: {page.status} {page.body[:1000]!r}")
        form.fields |= wanted
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes the form's action, its hidden fields, and what is ticked."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post" and "/checkins" in given.get("action", ""):
            self.inside, self.action = True, given["action"]
        if not self.inside or tag != "input" or not given.get("name"):
            return
        kind = given.get("type", "text")
        first_choice = kind == "radio" and given["name"] not in self.fields
        if kind == "hidden" or "checked" in given or first_choice:
            self.fields[given["name"]] = given.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        """A form's fields end with it."""
        if tag == "form":
            self.inside = False
