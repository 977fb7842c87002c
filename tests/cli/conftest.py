"""The shell that the commands' tests share, and a school to copy, move and restore."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reflect.cli.demo import _open_school
from reflect.settings import Settings
from tests.cli.running import Shell, shell
from tests.web.admin.conftest import shared

__all__ = ["shared", "shell"]

SECRET = "s" * 40


@pytest.fixture(scope="session")
def school_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's school in a SQLite file, with answers, open check-ins, talks and published weeks."""
    path = tmp_path_factory.mktemp("school") / "school.db"
    settings = Settings(_env_file=None, database_url=f"sqlite:///{path}", secret_key=SECRET)
    _open_school(settings, "http://127.0.0.1:8001", None)
    return path


@pytest.fixture
def school_shell(
    backend: str, school_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Shell]:
    """A shell on a copy of that school; on PostgreSQL it was moved there."""
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / "school.db"
    shutil.copy(school_file, copy)
    shell = Shell({"REFLECT_DATABASE_URL": f"sqlite:///{copy}", "REFLECT_SECRET_KEY": SECRET})
    if backend == "postgresql":
        url = request.getfixturevalue("database_url")
        moved = shell.run("move", "--to", url)
        assert moved.exit_code == 0, moved.output
        shell.env["REFLECT_DATABASE_URL"] = url
    yield shell
