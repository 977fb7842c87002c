"""The benchmark still finds its way through Reflect: every reply is what it looks for, and nothing is lost.

Nothing is measured here, and the peers stay out: Reflect has one turn in each set.
"""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from shutil import which
from types import ModuleType

import pytest

from benchmarks import answers, insights, launches, leaders, lives, rounds, rush
from benchmarks.lms import running_lms
from benchmarks.postgres import temporary_postgres
from benchmarks.workplace import Workplace, program

pytestmark = pytest.mark.slow

FEW = 4


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    if which("taskset") is None:
        pytest.skip("no taskset")
    folder = tmp_path_factory.mktemp("bench")
    with temporary_postgres() as postgres, running_lms(folder) as lms:
        yield Workplace(folder, lms, postgres, program("reflect"), largest=10**4)


# How many sections: launches have both databases in each, answers come to PostgreSQL after three, the others after one.
@pytest.mark.parametrize(
    ("measures", "sections"), [(launches, 1), (answers, 4), (rush, 1), (lives, 1), (insights, 1), (leaders, 1)]
)
def test_every_reply_is_the_one_that_is_looked_for(
    workplace: Workplace, measures: ModuleType, sections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for peers in (launches, answers):
        monkeypatch.setattr(peers, "PEERS", {})
    monkeypatch.setattr(rounds, "CONTROL_LIMITS", (1.0, -1.0))  # no section goes on after its control
    with closing(measures.run(workplace, 1, FEW, peers_only=False)) as running:
        found = list(islice(running, sections))
    assert len(found) == sections
    for section in found:
        assert section.thrown_away
        assert not section.control_faults and not section.faults, section
