"""Whether anything that is installed from requirements.lock has a known vulnerability: `python -m tests.audit`.

pip-audit asks PyPI. Where PyPI's service does not answer, pip-audit skips every package and says that all is well; here
that is a warning, and no green tick.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reflect.files import ROOT

BORNE: Mapping[str, str] = {}
"""Ids of vulnerabilities that we live with for now, and why they do not concern us."""
PATIENCE = 120
NOBODY = "warning: dependencies were NOT audited: the vulnerability service cannot be asked from here"


@dataclass(frozen=True)
class Judgement:
    """What to say, and whether to go on."""

    lines: Sequence[str]
    is_fine: bool


def main() -> None:
    """Audit, say so, and fail if something was found."""
    found = judge(*asked(_pinned()))
    for line in found.lines:
        print(line)  # noqa: T201
    sys.exit(not found.is_fine)


def judge(report: str, packages: int) -> Judgement:
    """What pip-audit's JSON means for so many packages."""
    try:
        told = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Judgement([NOBODY], True)
    bad = [line for one in told for line in _faults(one)]
    audited = [one for one in told if "skip_reason" not in one]
    if bad:
        return Judgement([*bad, f"{len(bad)} known vulnerabilities"], False)
    if not audited:
        return Judgement([NOBODY], True)
    left = packages - len(audited)
    warning = [f"warning: {left} packages were not audited"] if left else []
    return Judgement([*warning, f"{len(audited)} packages audited, no known vulnerability"], True)


def _faults(one: Mapping[str, Any]) -> list[str]:
    found = [it for it in one.get("vulns", ()) if not {it["id"], *it.get("aliases", ())} & set(BORNE)]
    return [f"{one['name']} {one['version']}: {it['id']}, mended in {it['fix_versions'] or 'nothing yet'}" for it in found]  # fmt: skip


def _pinned() -> Sequence[str]:
    return re.findall(r"^([\w.-]+==[\w.+-]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def asked(pinned: Sequence[str]) -> tuple[str, int]:
    """pip-audit's report; of one package alone where already that one cannot be looked up."""
    first = _report(pinned[:1])
    return (first if judge(first, 1).lines == [NOBODY] else _report(pinned)), len(pinned)


def _report(pinned: Sequence[str]) -> str:
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(pinned))
        options = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "5"]
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(listed), *options]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
        except subprocess.TimeoutExpired:
            return ""


if __name__ == "__main__":
    main()
