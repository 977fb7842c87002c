"""What Reflect is made of: the bill of materials is whole, and an audit that asked nobody does not pass for one."""

import json
import tomllib
from typing import Any

import pytest

from reflect.files import ROOT, STATIC
from tests import audit, sbom

FINE = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"]}]}
SKIPPED = {"name": "c", "skip_reason": "not found"}


def report(*found: dict[str, Any]) -> str:
    return json.dumps({"dependencies": found, "fixes": []})


@pytest.mark.parametrize(
    ("told", "packages", "is_fine", "line"),
    [
        (report(FINE), 1, True, "1 packages audited, no known vulnerability"),
        (report(FINE, BAD), 2, False, "b 2: PYSEC-1, mended in ['3']"),
        (report(SKIPPED, BAD), 2, False, "b 2: PYSEC-1, mended in ['3']"),
        (report(SKIPPED, FINE), 2, True, "warning: 1 packages were not audited"),
        (report(SKIPPED), 1, True, audit.NOBODY),
        ("", 1, True, audit.NOBODY),
    ],
)
def test_an_audit_fails_for_what_it_finds_and_warns_of_what_it_could_not_ask(
    told: str, packages: int, is_fine: bool, line: str
) -> None:
    judgement = audit.judge(told, packages)
    assert (judgement.is_fine, judgement.lines[0]) == (is_fine, line)


def test_a_vulnerability_that_is_borne_is_named_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(audit.BORNE.values())
    monkeypatch.setattr(audit, "BORNE", {"CVE-1": "only on another system"})
    assert audit.judge(report(BAD), 1).is_fine


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return json.loads(sbom.written(sbom.bill()))


def test_the_bill_has_what_running_needs_and_nothing_of_development(bill: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {component["name"] for component in bill["components"]}
    runtime = {line.partition(">=")[0].partition("[")[0] for line in project["dependencies"]}
    assert runtime | {"psycopg", "cffi", "markupsafe", "pydantic-core"} <= names
    assert not names & {"pytest", "mypy", "ruff", "playwright", "pip-audit", "mkdocs-material", "hypothesis"}


def test_the_bill_has_every_file_of_others_with_its_hash(bill: dict[str, Any]) -> None:
    carried = {(it["name"], it["version"]): it for it in bill["components"] if it["purl"].startswith("pkg:npm/")}
    entries = tomllib.loads((STATIC / "vendor" / "vendored.toml").read_text())["file"]
    assert set(carried) == {(entry["name"], entry["version"]) for entry in entries}
    assert all(it["hashes"][0]["alg"] == "SHA-384" for it in carried.values())


def test_each_component_has_a_version_a_hash_and_a_licence_where_its_maker_names_one(bill: dict[str, Any]) -> None:
    assert all(it["version"] and it["hashes"] and it["purl"] for it in bill["components"])
    licensed = [it for it in bill["components"] if it.get("licenses")]
    assert len(licensed) > len(bill["components"]) * 0.7
    assert {it["ref"] for it in bill["dependencies"]} >= {it["bom-ref"] for it in bill["components"]}
