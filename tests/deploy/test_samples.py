"""The samples in deploy/ are sound as far as a program can tell, and the documentation names them instead of copying."""

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from reflect.files import ROOT
from reflect.settings import Settings

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.socket"), *DEPLOY.glob("*.timer")])
MOST_EXPOSED = 15
"""Tenths of systemd's exposure level, of 100; units that say nothing have 96."""


def name_of(path: Path) -> str:
    return path.name


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The units as they would be installed, with programs that are there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here: Debian's package systemd has it")
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/reflect/bin/reflect", "/bin/true"))
    return tmp_path


def test_systemd_takes_the_units(here: Path) -> None:
    files = [str(here / unit.name) for unit in UNITS]
    verified = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=name_of)
def test_a_service_can_do_little_beside_its_work(here: Path, unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={MOST_EXPOSED}", str(here / unit.name)]
    looked_at = subprocess.run(command, capture_output=True, text=True, check=False)
    assert looked_at.returncode == 0, looked_at.stdout[-2000:]


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Containerfile with what follows it."""
    text = re.sub(r"(?m)^#.*\n", "", (DEPLOY / "Containerfile").read_text()).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line]


def test_the_container_copies_what_is_there_and_all_that_the_wheel_takes() -> None:
    copied = [rest.split() for word, rest in instructions() if word == "COPY" and not rest.startswith("--from")]
    sources = {source for words in copied for source in words[:-1]}
    assert [source for source in sources if not (ROOT / source).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sources >= {*wheel["packages"], *wheel["force-include"], "pyproject.toml", "README.md", "LICENSE"}


def test_the_container_serves_as_nobody_special_and_says_how_it_is() -> None:
    said = instructions()
    assert {word for word, _ in said} <= {
        "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD",
    }  # fmt: skip
    assert [rest for word, rest in said if word == "USER"] == ["reflect"]
    assert "/health/ready" in dict(said)["HEALTHCHECK"]
    assert dict(said)["ENTRYPOINT"] == '["reflect"]'
    installing = [rest for word, rest in said if word == "RUN" and re.match(r"pip .*\binstall\b", rest)]
    assert [rest for rest in installing if "--require-hashes -r deploy/" not in rest] == [installing[-1]]
    assert installing[-1].endswith("--no-deps dist/*.whl")


def test_compose_knows_only_settings_that_there_are_and_lets_reflect_write_nowhere_else() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    reflect = services["reflect"]
    assert {name.removeprefix("REFLECT_").lower() for name in reflect["environment"]} <= set(Settings.model_fields)
    assert reflect["env_file"] == ".env"
    assert reflect["read_only"] is True
    assert reflect["cap_drop"] == ["ALL"]
    assert "ports" not in reflect
    assert "ports" not in services["database"]


def test_an_old_podman_compose_understands_all_of_it_too() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    named = re.findall(r"\$\{?[^\s/@]*(?: [^}]*\})?", text)
    assert named
    assert [variable for variable in named if not re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", variable)] == []
    checks = {name: service.get("healthcheck") for name, service in yaml.safe_load(text)["services"].items()}
    assert all(isinstance(check["test"], str) for check in checks.values() if check)
    asked = json.loads(dict(instructions())["HEALTHCHECK"].partition(" CMD ")[2])
    assert shlex.split(checks["reflect"]["test"]) == asked


def test_the_image_has_the_tools_of_the_server_that_compose_starts() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    server = re.fullmatch(r".*/postgres:(\d+)-(\w+)", services["database"]["image"])
    (last,) = (rest for word, rest in instructions() if word == "FROM" and " AS " not in rest)
    assert server
    assert last.endswith(f"-{server[2]}")
    assert [rest for word, rest in instructions() if word == "RUN" and f" postgresql-client-{server[1]} " in rest]


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"(?m)^([a-z0-9._-]+==[^ \\]+)", lock.read_text()))


def needed(name: str, extras: frozenset[str], found: set[str]) -> None:
    """What an installed distribution needs on this machine, and what that needs."""
    for line in requires(name) or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            wanted = re.sub(r"[-_.]+", "-", requirement.name).lower()
            if wanted not in found:
                found.add(wanted)
                needed(wanted, frozenset(requirement.extras), found)


def test_the_lock_of_the_container_is_the_part_of_ours_that_serving_needs() -> None:
    locked = pins(DEPLOY / "requirements.lock")
    assert locked | pins(DEPLOY / "build.lock") <= pins(ROOT / "requirements.lock")
    names: set[str] = set()
    needed("reflect-checkins", frozenset({"postgres"}), names)
    assert names <= {pin.partition("==")[0] for pin in locked}
    assert not [pin for pin in locked if pin.startswith(("pytest", "playwright", "mkdocs", "mypy"))]


def test_the_documentation_names_every_sample_and_copies_none() -> None:
    told = "".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
    named = set(re.findall(r"(?<!/)deploy/([\w.-]+\w)", told))
    assert named == {path.name for path in DEPLOY.iterdir()}
    for sign in ("ProtectSystem=", "proxy_pass", "reverse_proxy", "scrape_configs:", "FROM docker"):
        assert sign not in told


def test_a_command_goes_out_as_the_service_does(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    told = (
        'REFLECT_METRICS_TOKEN=x HTTPS_PROXY=http://proxy.example:3128 NO_PROXY=a.example,*.b.example "OTHER=two words"'
    )
    says = {
        "systemctl": f"echo '{told}'",
        "runuser": "printenv HOME HTTPS_PROXY NO_PROXY REFLECT_METRICS_TOKEN; echo $*",
    }
    for name, line in says.items():  # root's, and of a machine that systemd has booted
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    wrapper = (DEPLOY / "reflect").read_text().replace("/var/lib/reflect", str(tmp_path))
    done = subprocess.run(["sh", "-c", wrapper, "reflect", "doctor"], capture_output=True, text=True, check=True,
                          env={"PATH": f"{programs}:/usr/bin:/bin"})  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        str(tmp_path), "http://proxy.example:3128", "a.example,*.b.example",
        "-u reflect -- /opt/reflect/bin/reflect doctor",
    ]  # fmt: skip
    (programs / "systemctl").unlink()
    assert subprocess.run(["sh", "-c", wrapper], env={"PATH": f"{programs}:/usr/bin:/bin"}, check=True).returncode == 0
