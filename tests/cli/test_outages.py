"""A database that the settings name wrongly: each command ends in one line that says what is wrong, without a trace."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.cli.running import Shell
from tests.databases import Databases
from tests.faults.processes import COMMAND
from tests.installation import SECRET

WITHOUT_DRIVER = f"import sys; sys.modules['psycopg'] = None; {COMMAND}"


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_folder_that_is_not_there_is_named(command: str, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "reflect.db"
    said = Shell({"REFLECT_DATABASE_URL": f"sqlite:///{file}", "REFLECT_SECRET_KEY": SECRET}).run(command)
    assert said.exit_code == 1
    assert f"{file} cannot be opened: {file.parent} must be a folder" in said.output
    assert "another process" not in said.output


@pytest.mark.parametrize("command", ["migrate", "serve", "doctor"])
def test_a_driver_that_is_not_installed_is_named(command: str, tmp_path: Path) -> None:
    env = {"REFLECT_DATABASE_URL": "postgresql://me:a-wrong-one@127.0.0.1:1/reflect", "REFLECT_SECRET_KEY": SECRET}
    words = [sys.executable, "-c", WITHOUT_DRIVER, command]
    done = subprocess.run(
        words, env=os.environ | env, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("Error: The driver of PostgreSQL is not installed") and "a-wrong-one" not in line


@pytest.mark.parametrize("command", ["migrate", "doctor"])
def test_what_postgresql_says_to_somebody_it_lets_not_in_is_told_without_the_password(
    command: str, postgres: Databases
) -> None:
    url = make_url(postgres.address)
    nobody = url.set(username="nobodys", password="a-wrong-one", database="postgres")
    said = Shell(
        {"REFLECT_DATABASE_URL": nobody.render_as_string(hide_password=False), "REFLECT_SECRET_KEY": SECRET}
    ).run(command)
    assert said.exit_code == 1
    with pytest.raises(psycopg.OperationalError, match='"nobodys"'):
        psycopg.connect(nobody.render_as_string(hide_password=False))
    assert '"nobodys"' in said.output and "See REFLECT_DATABASE_URL" in said.output
    assert "a-wrong-one" not in said.output
