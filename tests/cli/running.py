"""Commands as a shell runs them, in this process: real settings, a real database file, no network."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reflect.cli import main
from tests.installation import SECRET, Installation

VALUES = {
    "--name": "Our Moodle",
    "--lms": "moodle",
    "--issuer": "https://moodle.example.org",
    "--client-id": "abc",
    "--auth-url": "https://moodle.example.org/mod/lti/auth.php",
    "--token-url": "https://moodle.example.org/mod/lti/token.php",
    "--keyset-url": "https://moodle.example.org/mod/lti/certs.php",
    "--deployment-id": "1",
}


@dataclass
class Shell:
    """A shell with an installation's settings."""

    env: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str) -> Result:
        """Run `reflect …`."""
        return CliRunner().invoke(main, list(words), env=self.env)

    def add(self, *more: str, **changes: str) -> Result:
        """Register a platform, with some values changed."""
        values = VALUES | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        return self.run("registration", "add", *(word for pair in values.items() for word in pair), *more)

    def said(self, *words: str) -> Any:
        """What a command prints as JSON."""
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def shell(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell on a migrated database."""
    monkeypatch.chdir(tmp_path)
    yield Shell({"REFLECT_DATABASE_URL": database_url, "REFLECT_SECRET_KEY": "s" * 40})


def shell_of(running: Installation, **settings: str) -> Shell:
    """A shell with the settings of a running installation, some of them changed."""
    own = {
        "REFLECT_BASE_URL": running.base_url,
        "REFLECT_DATABASE_URL": running.settings.database_url,
        "REFLECT_SECRET_KEY": SECRET,
        "REFLECT_PRIVATE_HOSTS": " ".join(running.settings.private_hosts),
    }
    return Shell(own | {f"REFLECT_{name.upper()}": value for name, value in settings.items()})
