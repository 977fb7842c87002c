"""A file that the user of a command may not read is told apart from one that is not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.running import Shell

NOBODY = 65_534
COMMANDS = [("restore",), ("import",), ("import", "--classes"), ("secret", "rotate", "--new-secret-file")]


@contextmanager
def nobody() -> Iterator[None]:
    """Somebody whom files' rights bind, as they do not bind root."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("is_in_closed_folder", [True, False])
def test_a_file_that_may_not_be_read_is_not_said_to_be_missing(
    words: tuple[str, ...], is_in_closed_folder: bool, tmp_path: Path
) -> None:
    file = tmp_path / "closed" / "x.db"
    file.parent.mkdir()
    file.touch(0o600 if is_in_closed_folder else 0)
    if is_in_closed_folder:
        file.parent.chmod(0)
    shell = Shell()
    assert shell.run(*[word for word in words if not word.startswith("--")], "--help").exit_code == 0  # is loaded
    with nobody():
        said = shell.run(*words, str(file))
    file.parent.chmod(0o700)
    assert said.exit_code == 2
    assert "may not be read by the user that this command runs as" in said.output
    assert "does not exist" not in said.output


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_file_that_is_not_there_is_said_to_be_missing(words: tuple[str, ...], tmp_path: Path) -> None:
    said = Shell().run(*words, str(tmp_path / "x.db"))
    assert said.exit_code == 2
    assert "does not exist" in said.output
