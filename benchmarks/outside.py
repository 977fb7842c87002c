"""The main figures by a load generator that is not ours: wrk, for answers and for an unchanged live view."""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import cycle

from benchmarks import answer_contenders as contenders
from benchmarks.answer_contenders import AnswerContender
from benchmarks.answers import DJANGO, EMOTIONS, REFLECT
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.generator import drive
from benchmarks.reflect_tool import Course, running_reflect
from benchmarks.rounds import Sample, Samples, Turn
from benchmarks.sections import Goal, Section, measured, per_second
from benchmarks.servers import Server
from benchmarks.watching import Answers, Screen
from benchmarks.workplace import Workplace

STUDENTS, SECONDS, AT_ONCE = 500, 3, 32
MOST_ROUNDS = 4
CHECKINS: Mapping[str, int] = {REFLECT: 60, DJANGO: 6}
"""Questions that are prepared for one turn, so that every answer is somebody's first."""
_LUA = """\
-- Every request once, from the file beside this one; then wrk stops.
local requests, number = {}, 0
for line in io.lines("%s") do
  requests[#requests + 1] = line:gsub("\\\\n", "\\n"):gsub("\\\\r", "\\r")
end
function request()
  number = number + 1
  if number > #requests then wrk.thread:stop() return requests[1] end
  return requests[number]
end
"""


def run(workplace: Workplace, rounds: int, requests: int | None, peers_only: bool) -> Iterator[Section]:
    """Answers against Django on both databases by wrk, then the live view."""
    if peers_only:
        return
    rounds = min(rounds, MOST_ROUNDS)
    for kind in (SQLITE, POSTGRESQL):
        with ExitStack() as stack:
            starts = {REFLECT: contenders.reflect, DJANGO: contenders.django}
            students = requests or STUDENTS
            running = {name: stack.enter_context(start(workplace, kind, students)) for name, start in starts.items()}
            twin = stack.enter_context(contenders.reflect(workplace, kind, students))
            turns = {name: _answering(workplace, it, students, CHECKINS[name]) for name, it in running.items()}
            again = _answering(workplace, twin, students, CHECKINS[REFLECT])
            goal = Goal("answer", "answers/s by wrk", REFLECT, DJANGO, per_second, floor=3, moonshot=6)
            yield measured(f"answers on {kind}, {AT_ONCE} at once, by wrk", turns, again, rounds, [goal])
        with ExitStack() as stack:
            look, again = (_looking(kind, workplace, stack) for _ in range(2))
            yield measured(f"live view on {kind}, unchanged, by wrk", {REFLECT: look}, again, rounds)


def _answering(workplace: Workplace, it: AnswerContender, students: int, checkins: int) -> Turn:
    def turn() -> Samples:
        choices = cycle(EMOTIONS)
        wanted = [
            it.answer(checkin, number, next(choices))
            for checkin in [it.new_checkin() for _ in range(checkins)]
            for number in range(students)
        ]
        path = workplace.new_path(".txt")
        path.write_bytes(b"\n".join(one.replace(b"\r", b"\\r").replace(b"\n", b"\\n") for one in wanted))
        script = workplace.new_path(".lua")
        script.write_text(_LUA % path)
        before = it.database.answers()
        sample, done = _wrk(it.server, ["-s", str(script)], "/")
        # What was under way when wrk stopped is kept and not counted by it.
        if (kept := it.database.answers() - before) < min(done, len(wanted)):
            sample.faults["lost"] = done - kept
        if done >= len(wanted):
            sample.faults["ran out of people who have not answered"] = 1
        path.unlink()
        return {"answer": sample}

    return turn


def _looking(kind: str, workplace: Workplace, stack: ExitStack) -> Turn:
    server, tool = stack.enter_context(running_reflect(workplace, workplace.new_database(kind)))
    course = Course(tool, workplace.lms)
    screen = Screen(tool.host, tool.port, Answers(course.new_checkin()), course.teacher)
    screen.etag = drive(tool.port, [screen.request(is_first=True)], 1).replies[0].header("etag")[0]
    request, *head = screen.request().decode().rstrip().split("\r\n")
    options = [part for line in head for part in ("-H", line)]

    def turn() -> Samples:
        return {"look": _wrk(server, options, request.split()[1])[0]}

    return turn


def _wrk(server: Server, options: Sequence[str], path: str) -> tuple[Sample, int]:
    """What wrk says of its run, beside the server's own CPU time; and how many requests were answered rightly."""
    command = ["wrk", "-t1", f"-c{AT_ONCE}", f"-d{SECONDS}s", "--latency", *options]
    command.append(f"http://localhost:{server.port}{path}")
    cpu, locked = server.cpu_seconds(), server.times_locked()
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    cpu = server.cpu_seconds() - cpu
    done, wrong = int(_one(r"(\d+) requests in", told)), int(_one(r"Non-2xx or 3xx responses: (\d+)", told) or 0)
    broken = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", told)))
    faults = {"refused": wrong, "broken": broken, "locked": server.times_locked() - locked}
    return Sample(
        per_second=float(_one(r"Requests/sec: +([\d.]+)", told)),
        cpu_us=cpu / max(1, done) * 1e6,
        p50_ms=_ms(_one(r"50% +(\S+)", told)),
        p99_ms=_ms(_one(r"99% +(\S+)", told)),
        max_ms=_ms(_one(r"Latency +\S+ +\S+ +(\S+)", told)),
        faults={kind: number for kind, number in faults.items() if number},
    ), done - wrong


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""


def _ms(text: str) -> float:
    """wrk writes `812.00us`, `7.31ms`, `1.20s`."""
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    assert found, text
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[found[2]]
