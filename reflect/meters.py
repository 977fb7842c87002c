"""What is counted of an installation as a whole, for whoever watches over it: no person, no course and no answer.

A number that goes up by one when somebody answers would tell, to whoever also sees who is there, when they answered.
So requests are counted by a few wide kinds: among the changes an answer, a draft that saves itself, a wish to talk and
a teacher's click are one. Nothing here may have a label that a person chooses, or that stands for a course.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, multiprocess

from reflect import __version__
from reflect.settings import METERS_FOLDER

# Each series would carry the very moment of its first event.
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()

_WAITS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
KINDS = ("launch", "lti", "page", "change", "portal", "api", "static", "operations")

REQUESTS = Counter("reflect_requests", "Requests by kind and class of status.", ["kind", "status"], registry=REGISTRY)
REQUEST_SECONDS = Histogram(
    "reflect_request_seconds", "From a request to its whole answer.", ["kind"], registry=REGISTRY, buckets=_WAITS
)
LAUNCHES = Counter("reflect_launches", "Launches admitted, and those refused by code.", ["outcome"], registry=REGISTRY)
ADMITTED = LAUNCHES.labels("admitted")
FAULTS = Counter("reflect_faults", "Requests that a fault of ours or the database broke.", ["what"], registry=REGISTRY)
BROKEN, DATABASE_FAULT = FAULTS.labels("broken"), FAULTS.labels("database")

COMMIT_SECONDS = Histogram(
    "reflect_commit_seconds", "The writer's transactions, begin to durable.", registry=REGISTRY, buckets=_WAITS
)
COMMIT_JOBS = Histogram(
    "reflect_commit_jobs", "Writes that shared one transaction.", registry=REGISTRY, buckets=(1, 2, 4, 8, 16, 32, 64)
)
WRITES_WAITING = Gauge("reflect_writes_waiting", "Writes not begun.", registry=REGISTRY, multiprocess_mode="livesum")
READS_UNDER_WAY = Gauge(
    "reflect_reads_under_way", "Reads in threads, or waiting for one.", registry=REGISTRY, multiprocess_mode="livesum"
)

ROUND_DONE = Gauge(
    "reflect_round_done_timestamp_seconds",
    "When a round of a background work was last done; 0 if it was not since the start.",
    ["work"],
    registry=REGISTRY,
    multiprocess_mode="max",
)
ROUND_FAILED = Counter("reflect_rounds_failed", "Rounds of background work that failed.", ["work"], registry=REGISTRY)
DATABASE_UP = Gauge(
    "reflect_database_up", "Whether the database answered.", registry=REGISTRY, multiprocess_mode="mostrecent"
)
MARKS_LATE = Gauge(
    "reflect_marks_late",
    "Participation marks that an LMS has not taken.",
    registry=REGISTRY,
    multiprocess_mode="mostrecent",
)

LOOP_DELAY = Histogram(
    "reflect_loop_delay_seconds", "How late a worker wakes: how busy it is.", registry=REGISTRY, buckets=_WAITS
)
MEMORY = Gauge(
    "reflect_memory_bytes", "Resident memory of all workers.", registry=REGISTRY, multiprocess_mode="livesum"
)
CPU = Counter("reflect_cpu_seconds", "Processor time of all workers.", registry=REGISTRY)
WORKERS = Gauge("reflect_workers", "Workers that count here.", registry=REGISTRY, multiprocess_mode="livesum")
BUILD = Gauge("reflect_build_info", "The version.", ["version"], registry=REGISTRY, multiprocess_mode="max")

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Worker:
    """What this process uses, to be noted now and then."""

    def __init__(self) -> None:
        self._cpu = 0.0

    def note(self, writes_waiting: int, reads_under_way: int) -> None:
        """Write down how it stands."""
        WORKERS.set(1)
        BUILD.labels(__version__).set(1)
        WRITES_WAITING.set(writes_waiting)
        READS_UNDER_WAY.set(reads_under_way)
        used, self._cpu = self._cpu, time.process_time()
        CPU.inc(self._cpu - used)
        statm = Path("/proc/self/statm")
        if statm.exists():
            MEMORY.set(int(statm.read_text().split()[1]) * _PAGE)


def registry() -> CollectorRegistry:
    """Everything that was counted, by all workers together."""
    folder = os.environ.get(METERS_FOLDER)
    if folder is None:
        return REGISTRY
    _leave_out_the_dead(Path(folder))
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return together


def _leave_out_the_dead(folder: Path) -> None:
    """What a worker that is gone had waiting counts no more; what it counted stays, so that no counter goes back."""
    pids = {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another worker was quicker
                multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
