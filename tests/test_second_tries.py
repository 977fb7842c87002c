"""Whole runs of the tests: one that passes only on its second try is named, and many of them fail the run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.second_tries import MOST

ROOT = Path(__file__).parents[1]
LUCKY = """
import pytest
tried = []

@pytest.mark.parametrize("number", range({number}))
def test_lucky(number):
    tried.append(number)
    assert tried.count(number) > {failures}
"""


def ran(folder: Path, number: int, failures: int) -> subprocess.CompletedProcess[str]:
    """A run of so many tests, each of which fails so often before it passes."""
    file = folder / "test_lucky.py"
    file.write_text(LUCKY.format(number=number, failures=failures), encoding="utf-8")
    options = ("-n", "1", "--reruns", "1", "-p", "tests.second_tries", "-p", "no:cacheprovider", "--rootdir", folder)
    command = [sys.executable, "-m", "pytest", *map(str, options), str(file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(("number", "failures", "status"), [(MOST, 1, 0), (MOST + 1, 1, 1), (1, 2, 1), (9, 0, 0)])
def test_few_second_tries_are_named_and_many_fail_the_run(
    tmp_path: Path, number: int, failures: int, status: int
) -> None:
    run = ran(tmp_path, number, failures)
    assert run.returncode == status, run.stdout + run.stderr
    named = {f"test_lucky.py::test_lucky[{one}]" for one in range(number)} if failures == 1 else set()
    assert named == {line for line in run.stdout.splitlines() if line.startswith("test_lucky.py::")}
    assert ("second tries" in run.stdout) == bool(named)
