"""What a run says: a Markdown table a section for people, everything round by round as JSON for machines."""

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path

from benchmarks.rounds import Sample, Spread, faults_of, figures, spread
from benchmarks.sections import Section, cpu_us, p99_ms, per_second

RESULTS = Path(__file__).parent / "results"
_HEADER = """\
| contender | phase | per s | p50 ms | p99 ms | worst ms | CPU µs | rate × | CPU × | p99 × | wrong, locked, lost |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|"""


def markdown(section: Section) -> str:
    """The section as a reader wants it; ratios are those of its first row to the row at hand."""
    control = ", ".join(f"{name} {ratio}" for name, ratio in section.control.items())
    lines = [f"### {section.name}", "", f"A/A control, {section.subject} against itself: {control}."]
    if section.control_faults:
        lines.append(f"**Wrong in the control: {_listed(section.control_faults)}.**")
    if section.thrown_away:
        return "\n".join([*lines, "**Thrown away: the control left 0.9–1.1.** The machine was not quiet; run again."])
    lines += ["", *(_own_table(section) if section.table else [_HEADER, *_rows(section)]), "", *_goals(section)]
    if section.faults:
        lines.append(f"**Wrong: {_listed(section.faults)}.**")
    return "\n".join(lines).rstrip()


def _own_table(section: Section) -> Iterator[str]:
    head, *rows = section.table
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * len(head[1:])}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    for remark in section.remarks:
        yield f"\n{remark}"


def _rows(section: Section) -> Iterator[str]:
    for name, taken in section.taken.items():
        faults = _listed(faults_of(taken))
        for phase in taken[0]:
            own = [_median(section, name, phase, attribute) for attribute in ("p50_ms", "p99_ms", "max_ms")]
            rate = _median(section, name, phase, "per_second")
            cells = [name, phase, f"{rate:.0f}", *(f"{value:.2f}" for value in own)]
            cells += [
                f"{_median(section, name, phase, 'cpu_us'):.0f}",
                *_ratios(section, name, phase),
                faults,
            ]
            yield f"| {' | '.join(cells)} |"


def _listed(faults: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {kind}" for kind, count in faults.items()) or "0"


def _ratios(section: Section, name: str, phase: str) -> list[str]:
    if name == section.subject or phase not in section.taken[section.subject][0]:
        return ["", "", ""]
    return [str(section.ratio(phase, figure, section.subject, name)) for figure in (per_second, cpu_us, p99_ms)]


def _median(section: Section, name: str, phase: str, attribute: str) -> float:
    def figure(sample: Sample) -> float:
        return float(getattr(sample, attribute))

    return spread(figures(section.taken[name], phase, figure)).median


def _goals(section: Section) -> Iterator[str]:
    for goal in section.goals:
        ratio = section.ratio(goal.phase, goal.figure, goal.above, goal.below)
        yield (
            f"- {goal.what}, {goal.above} / {goal.below}: **{ratio}**; floor {goal.floor:.2f}, "
            f"moonshot {goal.moonshot:.2f}: {goal.verdict(ratio.median)}"
        )


def write_json(sections: Sequence[Section], options: dict[str, object]) -> Path:
    """Writes every sample, every control and the surroundings to a new file in the results folder."""
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    content = {"measured_at": now.isoformat(), "options": options, "surroundings": surroundings()}
    path.write_text(json.dumps({**content, "sections": [_plain(section) for section in sections]}, indent=1))
    return path


def surroundings() -> dict[str, object]:
    """The machine and the versions, so that figures can be told apart later."""
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return {
        "cpu": cpu.partition(":")[2].strip(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "node": _first_line("node", "--version"),
        "packages": {one.name: one.version for one in distributions()},
    }


def _plain(section: Section) -> dict[str, object]:
    rounds = {
        name: [{phase: asdict(sample) for phase, sample in samples.items()} for samples in taken]
        for name, taken in section.taken.items()
    }
    control: dict[str, Spread] = dict(section.control)
    return {
        "name": section.name,
        "control": {name: asdict(ratio) for name, ratio in control.items()},
        "control_faults": dict(section.control_faults),
        "thrown_away": section.thrown_away,
        "rounds": rounds,
        "table": section.table,
        "remarks": section.remarks,
        "faults": dict(section.faults),
    }


def _first_line(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return ""
