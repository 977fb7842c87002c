"""The npm package `oidc-provider`, run on loopback: a real OpenID provider to sign in with."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent


def installed_provider() -> Path:
    """A folder with the provider and what it needs, as the lock file says; made once and kept in the user's cache."""
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "reflect-tests" / f"oidc-provider-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=folder, check=True, capture_output=True)
    shutil.copy(HERE / "provider.js", folder)
    return folder


@contextmanager
def provider(port: int, redirect_uri: str) -> Iterator[str]:
    """The provider, for a client that is sent back to `redirect_uri`; its issuer."""
    command = ["node", "provider.js", str(port), redirect_uri]
    with subprocess.Popen(
        command, cwd=installed_provider(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("listening"):
                    break
            else:
                raise RuntimeError(f"The provider did not start: {process.stderr and process.stderr.read()}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
