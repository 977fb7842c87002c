"""A flood of hostile launches, with good ones between: nothing grows, nothing is written, and whoever is right gets in.

`make hostile` sends 100,000 and prints how fast and at what cost; by itself the test sends some thousands.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlmodel import Session, SQLModel, func, select

from reflect.demo.forgeries import FORGERIES
from tests.conftest import fresh_database
from tests.faults.processes import Served, served
from tests.lti.campus import base64url
from tests.walker import origin
from tests.web.launching import Scene, assert_admitted, scene

LAUNCHES = int(os.environ.get("REFLECT_HOSTILE", "1200"))
WARM_UP, PARTS, AT_ONCE = 400, 4, 2
MOST_GROWTH = 16 * 1024
"""Kilobytes that a flood may add to a server that is warm, however long it lasts."""
NOTED = {"refused_launch", "registration_health"}
"""Tables that tell the portal of launches: at most a row for each registration and code."""
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site"}


@dataclass
class Attacker:
    """Somebody with a browser and a login that has begun, who has seen launches, and makes up others."""

    house: Served
    begun: Scene
    used: Scene
    chance: random.Random

    def bank(self) -> Sequence[dict[str, str]]:
        """Forged launches of every kind that the campus knows, whole but for one thing, and one that was used."""
        forged = [self.begun.form(number) for number, it in FORGERIES.items() if it.codes and not it.keyset_fault]
        self.used.login()
        replayed = self.used.form()
        assert_admitted(self.used.walker.post_form(replayed))
        return [dict(form.fields) for form in forged if "id_token" in form.fields] + [dict(replayed.fields)]

    def requests(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Without end: path and fields, no two alike."""
        bank, chance = self.bank(), self.chance
        while True:
            fields = dict(chance.choice(bank))
            kind = chance.randrange(5)
            if kind == 0:
                yield "/lti/login", {"iss": f"https://{chance.getrandbits(64):x}.example", "login_hint": "1", "target_link_uri": self.house.running.base_url + "/app"}  # fmt: skip
            elif kind == 1:
                yield "/lti/launch", fields | {"id_token": self.unsigned()}
            elif kind == 2:
                yield "/lti/launch", {"state": chance.randbytes(60).hex(), "id_token": chance.randbytes(300).hex()}
            elif kind == 3:
                head, _, signature = fields["id_token"].rpartition(".")
                yield "/lti/launch", fields | {"id_token": f"{head}.{base64url(chance.randbytes(len(signature) * 3 // 4))}"}  # fmt: skip
            else:
                yield "/lti/launch", fields

    def unsigned(self) -> str:
        """A token under a key that nobody has, from somewhere else each time."""
        header = {"alg": "RS256", "typ": "JWT", "kid": f"{self.chance.getrandbits(64):x}"}
        claims = {"iss": self.house.running.platform.base_url, "nonce": f"{self.chance.getrandbits(64):x}", "sub": "1"}
        parts = (json.dumps(part).encode() for part in (header, claims))
        return ".".join([*map(base64url, parts), base64url(self.chance.randbytes(256))])


def flood(house: Served, requests: Sequence[tuple[str, dict[str, str]]], cookie: str) -> Counter[str]:
    """Send them all; how often each was refused with which code."""
    headers = FORM | {"Cookie": cookie, "Origin": origin(house.running.platform.base_url)}

    def send(share: Sequence[tuple[str, dict[str, str]]]) -> Counter[str]:
        codes: Counter[str] = Counter()
        connection = HTTPConnection("127.0.0.1", house.port, timeout=30)
        for path, fields in share:
            connection.request("POST", path, urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            code = answer.getheader("reflect-error")
            assert code and 400 <= answer.status < 500, (answer.status, code, path)
            codes[code] += 1
        connection.close()
        return codes

    with ThreadPoolExecutor(AT_ONCE) as senders:
        return sum(senders.map(send, [requests[it::AT_ONCE] for it in range(AT_ONCE)]), Counter())


def rows(house: Served) -> dict[str, int]:
    """How many rows each table has."""

    def work(db: Session) -> dict[str, int]:
        tables = SQLModel.metadata.sorted_tables
        return {it.name: db.scalar(select(func.count()).select_from(it)) or 0 for it in tables if it.name not in NOTED}

    return house.running.database.read_now(work)


def test_a_flood_of_hostile_launches(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with served(fresh_database("sqlite", tmp_path, request), tmp_path) as house:
        begun, used = scene(house.running), scene(house.running)
        begun.login()
        cookie = "; ".join(f"{name}={it.value}" for name, it in begun.walker.cookies.items())
        hostile = Attacker(house, begun, used, random.Random(1)).requests()
        codes = flood(house, list(islice(hostile, WARM_UP)), cookie)
        warm, spent = house.memory(), 0.0
        for _ in range(PARTS):
            part, before = list(islice(hostile, LAUNCHES // PARTS)), rows(house)
            since = time.monotonic()
            codes += flood(house, part, cookie)
            spent += time.monotonic() - since
            assert rows(house) == before
            came = scene(house.running)
            assert_admitted(came.walk())
        grown = house.memory() - warm
        assert grown < MOST_GROWTH, f"{grown} kB"
        assert {"signature", "kid_unknown", "platform_unknown", "state_unknown", "token_malformed"} <= set(codes)
        assert_admitted(begun.launch())  # the attacker's own, honest at last
        size = sum(file.stat().st_size for file in tmp_path.glob("reflect.db*"))
        pace = f"{LAUNCHES} hostile launches, {LAUNCHES / spent:.0f} a second"
        memory = f"memory {warm} kB and {grown} kB more, database {size} bytes"
        sys.stdout.write(f"\n{pace}; {memory}; {dict(codes.most_common())}\n")
