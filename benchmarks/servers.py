"""Server processes, each pinned to one CPU, and the CPU time that they and their children have used."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_CPU = 0
LOAD_CPU = 1
"""The generator, the key set of the LMS and PostgreSQL run here."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server that listens on a port of 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def cpu_seconds(self) -> float:
        """User and system time of the whole process tree so far, in steps of 10 ms."""
        return sum(_cpu_ticks(pid) for pid in _tree(self.process.pid)) / _TICKS

    def memory_mb(self, kind: str = "Pss") -> float:
        """Megabytes of the whole process tree: `Pss` shares out what processes have in common, `Rss` counts it each
        time."""
        return sum(_kilobytes(pid, kind) for pid in _tree(self.process.pid)) / 1000

    def times_locked(self) -> int:
        """How often the server has complained that its database is locked."""
        return self.log.read_bytes().count(b"database is locked")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, *, cpu: int, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Starts the command pinned to a CPU, waits until its port answers, and ends its process group."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["taskset", "-c", str(cpu), *command],
            stdout=out,
            stderr=subprocess.STDOUT,
            # As an installation has it: modules compiled once, and not at every start.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(env or {})},
            start_new_session=True,
        )
    try:
        _wait_for(port, process, log)
        yield Server(process, port, log)
    finally:
        _end(process)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not answer on port {port}:\n{log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            return
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def _kilobytes(pid: int, kind: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")), 0)


def _cpu_ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name; empty once the process has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
