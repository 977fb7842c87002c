"""The npm package `oidc-provider`, run on loopback: a real OpenID provider to sign in with."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from tests.walker import http_client

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
def provider(port: int, *redirect_uris: str) -> Iterator[str]:
    """The provider, for a client that is sent back to one of `redirect_uris`; its issuer."""
    command = ["node", "provider.js", str(port), *redirect_uris]
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


def consented(address: str, name: str, base_url: str) -> str:
    """Sign in at the provider and agree, as its own pages ask for it; where it sends the browser back to."""
    with http_client() as browser:
        answer = browser.get(address)
        for _ in range(12):
            if location := answer.headers.get("location"):
                location = urljoin(str(answer.url), location)
                if location.startswith(base_url):
                    return location
                answer = browser.get(location)
                continue
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert action and prompt, answer.text
            fields = {"prompt": prompt[1], "login": name, "password": "x"}
            answer = browser.post(urljoin(str(answer.url), action[1]), data=fields)
    raise AssertionError("the provider never came back")
