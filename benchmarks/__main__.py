"""`python -m benchmarks`: measures, prints the tables, writes the JSON; fails if a section cannot be trusted."""

import argparse
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks import answers, cold, insights, launches, leaders, lives, outside, rush
from benchmarks.lms import running_lms
from benchmarks.postgres import temporary_postgres
from benchmarks.report import markdown, surroundings, write_json
from benchmarks.sections import Section
from benchmarks.servers import LOAD_CPU
from benchmarks.workplace import Workplace

SETS = {
    "launches": launches.run,
    "answers": answers.run,
    "rush": rush.run,
    "lives": lives.run,
    "cold": cold.run,
    "outside": outside.run,
    "insights": insights.run,
    "leaders": leaders.run,
}


def main() -> int:
    """Exit code 1 if a control failed, a reply was wrong, a database said `locked` or an answer was lost."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.sched_setaffinity(0, {LOAD_CPU})
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # thousands of pages stand open at once
    seen = surroundings()
    print(f"# Benchmark\n\n{seen['cores']} × {seen['cpu']}, Python {seen['python']}, load {os.getloadavg()}\n")
    sections: list[Section] = []
    with (
        tempfile.TemporaryDirectory(prefix="reflect-bench-", dir=options.folder) as name,
        temporary_postgres() as postgres,
    ):
        folder = Path(name)
        with running_lms(folder) as lms:
            workplace = Workplace(folder, lms, postgres, options.reflect, options.largest)
            for wanted in options.sets or SETS:
                for section in SETS[wanted](workplace, options.rounds, options.requests, options.peers_only):
                    print(markdown(section), end="\n\n", flush=True)
                    sections.append(section)
    path = write_json(sections, vars(options))
    print(f"Every round: {path}")
    unsound = [section.name for section in sections if not section.sound]
    if unsound:
        print(f"Not to be trusted: {'; '.join(unsound)}", file=sys.stderr)
    return 1 if unsound else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sets", nargs="*", choices=[[], *SETS], help="what to measure; everything if left out")
    parser.add_argument("--rounds", type=int, default=5, help="turns for each contender (default: 5)")
    parser.add_argument(
        "--requests",
        type=int,
        help="requests a phase (default: 500 launches, 1000 answers, 60 pages; students of the rush, live pages)",
    )
    parser.add_argument("--reflect", default="reflect", help="the `reflect` command to measure (default: from PATH)")
    parser.add_argument("--peers-only", action="store_true", help="leave Reflect out")
    parser.add_argument(
        "--largest",
        type=int,
        default=10**6,
        help="answers of the largest site, for insights and leaders (default: 1000000)",
    )
    parser.add_argument("--folder", help="where databases live; the disk matters (default: the temporary folder)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
