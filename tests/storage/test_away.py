"""A database file that is gone is told from one that another process makes at this very moment."""

import os
from pathlib import Path

import pytest

from reflect.storage.away import same_file
from reflect.storage.outages import DatabaseAway


def test_a_log_without_its_file_is_no_new_database(tmp_path: Path) -> None:
    must_be_there = same_file(str(tmp_path / "reflect.db"))
    must_be_there()
    (tmp_path / "reflect.db-wal").touch()
    with pytest.raises(DatabaseAway):
        must_be_there()


def test_a_file_that_another_process_makes_between_two_looks_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, log = tmp_path / "reflect.db", tmp_path / "reflect.db-wal"
    really_exists = os.path.exists

    def made_meanwhile(path: str) -> bool:
        file.touch()
        log.touch()
        return really_exists(path)

    must_be_there = same_file(str(file))
    monkeypatch.setattr("reflect.storage.away.os.path.exists", made_meanwhile)
    must_be_there()
