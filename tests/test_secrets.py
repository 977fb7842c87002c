"""No key, token or password is in the repository; a planted one would be found."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from detect_secrets.core import scan
from detect_secrets.settings import transient_settings

from reflect.files import ROOT

UNREAD = re.compile(
    r"\.(?:png|jpg|ico|woff2?|zip|gz|xlsx|svg|css|po|lock)$"
    # Recorded launches are signed by a test platform that is gone; the others are other people's files, or prose.
    r"|^tests/lti/recordings/|^seed_data/|^static/vendor/|^benchmarks/peers/"
)
KINDS = (
    *("AWSKeyDetector", "BasicAuthDetector", "GitHubTokenDetector", "GitLabTokenDetector", "JwtTokenDetector"),
    *("PrivateKeyDetector", "PypiTokenDetector"),
)
"""What could come here. Left out is what goes by chance alone: it takes hashes and names for secrets."""
WORDS = "KeywordDetector"
"""Whatever is called a password or a secret; tests, prose and pages are full of those."""
FULL_OF_WORDS = ("tests/", "docs/", "templates/", "benchmarks/")
HARMLESS = {
    ("docs/install.md", "PASSWORD"),
    ("docs/settings.md", "password"),
    ("tests/test_settings.py", "secret"),
    ("tests/test_settings.py", "password"),
    ("tests/web/test_keys.py", "BEGIN PRIVATE KEY"),
    ("tests/test_secrets.py", "BEGIN PRIVATE KEY"),
    ("tests/web/test_protection.py", "key"),
    ("reflect/settings.py", "change-me-this-secret-protects-nothing"),
    ("reflect/cli/backups.py", "The new secret is the old one."),
    ("reflect/cli/backups.py", "REFLECT_SECRET_KEY is not the one that everything here was protected with."),
    ("tests/cli/test_backups.py", "open%20sesame"),
    ("tests/cli/test_upkeep.py", "hidden"),
    ("tests/cli/test_outages.py", "a-wrong-one"),
    ("reflect/settings.py", "REFLECT_NEW_SECRET_KEY"),
}
"""What is no secret: examples, and the default that `serve` does not start with."""


def kept_files() -> list[str]:
    """All text of ours that the repository holds or is about to hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and not UNREAD.search(name) and (ROOT / name).is_file()]


def secrets_in(files: Iterable[str], kinds: Iterable[str], folder: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Each file with what looks like a secret in it."""
    with transient_settings({"plugins_used": [{"name": kind} for kind in kinds], "filters_used": []}):
        for name in files:
            for found in scan.scan_file(str(folder / name)):
                yield name, found.secret_value or ""


def test_no_secret_is_in_the_repository() -> None:
    files = kept_files()
    assert len(files) > 500
    found = {*secrets_in(files, KINDS), *secrets_in((it for it in files if not it.startswith(FULL_OF_WORDS)), [WORDS])}
    assert found - HARMLESS == set()


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN RSA PRIV" + "ATE KEY-----",
        "aws = 'AKIA" + "IOSFODNN7EXAMPLE'",
        "token = 'ghp_" + "a1B2" * 9 + "'",
        "url = 'postgresql://reflect:" + "t0psecret@db.example/reflect'",
        "secret_key = '" + "n0t-the-default-one'",
        "jwt = 'eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0." + "c2lnbmF0dXJlc2lnbmF0dXJl'",
    ],
    ids=lambda planted: planted[:12],
)
def test_a_planted_one_is_found(tmp_path: Path, planted: str) -> None:
    (tmp_path / "module.py").write_text(f"fine = 1\n{planted}\n")
    found = list(secrets_in(["module.py"], [*KINDS, WORDS], tmp_path))
    assert found and not {(name, value) for name, value in found} & HARMLESS
