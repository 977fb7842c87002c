"""A command is loaded when it is asked for, and a server loads nothing but what serves."""

import subprocess
import sys
from pathlib import Path

from click import Context

from reflect.cli import COMMANDS, main
from reflect.storage.database import open_engine
from reflect.storage.schema import migrate
from tests.cli.running import Shell

LATE = {"alembic", "authlib", "joserfc", "markdown_it", "reflect.demo", "segno", "xlsxwriter"}
SERVE = f"""
import sys
from reflect.cli import serving
from reflect.settings import read_settings

serving._load()
serving._migrate(read_settings())
print({LATE!r} & set(sys.modules))
"""


def test_each_command_is_where_it_is_said_to_be_and_told_in_the_help() -> None:
    told = Shell().run("--help").output
    for name in COMMANDS:
        command = main.get_command(Context(main), name)
        assert command is not None
        assert command.name == name
        assert f"\n  {name} " in told
    assert "No such command 'nowhere'" in Shell().run("nowhere").output


def test_a_server_that_finds_its_schema_loads_no_library_before_somebody_wants_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'reflect.db'}"
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    done = subprocess.run(
        [sys.executable, "-c", SERVE], env={"REFLECT_DATABASE_URL": url}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
