"""What Reflect consists of when it runs, as a CycloneDX bill of materials: `python -m tests.sbom` (`make sbom`).

The packages that `pip install 'reflect-checkins[postgres]'` brings here, and the files of others in static/vendor. What
only development needs is not in it.
"""

import re
import sys
import tomllib
from base64 import b64decode
from importlib.metadata import Distribution, distribution
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.spdx import is_supported_id
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reflect.files import ROOT, STATIC

TOP, EXTRA = "reflect-checkins", "postgres"


def main() -> None:
    """Write the bill into the file that the command line names."""
    Path(sys.argv[1]).write_text(written(bill()) + "\n")


def written(bom: Bom) -> str:
    """The bill as JSON."""
    return str(JsonV1Dot6(bom).output_as_string(indent=2))


def bill() -> Bom:
    """The bill of what is installed here."""
    found = needed()
    root = found.pop(TOP)
    bom = Bom()
    bom.metadata.component = top = _package(root, {}, ComponentType.APPLICATION)
    hashes = _locked_hashes()
    packages = {name: _package(one, hashes) for name, one in found.items()}
    carried = [_carried(entry) for entry in tomllib.loads((STATIC / "vendor" / "vendored.toml").read_text())["file"]]
    bom.components.update([*packages.values(), *carried])
    bom.register_dependency(top, [*(packages[name] for name in _names(root, {EXTRA}) if name in packages), *carried])
    for name, one in found.items():
        bom.register_dependency(packages[name], [packages[other] for other in _names(one, set()) if other in packages])
    return bom


def needed() -> dict[str, Distribution]:
    """Every distribution that running needs, by its name."""
    found: dict[str, Distribution] = {}
    waiting = [(TOP, frozenset({EXTRA}))]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        one = found[name] = distribution(name)
        for requirement in _requirements(one, extras):
            next_one = (canonicalize_name(requirement.name), frozenset(requirement.extras))
            if next_one not in seen:
                seen.add(next_one)
                waiting.append(next_one)
    return found


def _requirements(one: Distribution, extras: frozenset[str] | set[str]) -> list[Requirement]:
    wanted = [Requirement(line) for line in one.requires or ()]
    return [
        it for it in wanted if it.marker is None or any(it.marker.evaluate({"extra": extra}) for extra in extras or {""})
        or it.marker.evaluate({"extra": ""})
    ]  # fmt: skip


def _names(one: Distribution, extras: set[str]) -> list[str]:
    return [canonicalize_name(requirement.name) for requirement in _requirements(one, extras)]


def _package(one: Distribution, hashes: dict[str, list[str]], kind: ComponentType = ComponentType.LIBRARY) -> Component:
    name, older = canonicalize_name(one.name), one.metadata.get("License", "")
    licence = one.metadata.get("License-Expression") or (older if is_supported_id(older) else None)
    purl = PackageURL("pypi", None, name, one.version)
    component = Component(name=name, version=one.version, type=kind, purl=purl, bom_ref=str(purl))
    component.description = one.metadata.get("Summary")
    if licence:
        component.licenses.add(
            LicenseFactory().make_from_string(licence, license_acknowledgement=LicenseAcknowledgement.DECLARED)
        )
    component.hashes.update(HashType(alg=HashAlgorithm.SHA_256, content=it) for it in hashes.get(name, ()))
    return component


def _locked_hashes() -> dict[str, list[str]]:
    """The files that requirements.lock takes for each package, by SHA-256: several, one a platform."""
    blocks = re.split(r"^(?=\S)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    return {block.partition("==")[0]: re.findall(r"sha256:([0-9a-f]{64})", block) for block in blocks if "==" in block}


def _carried(entry: dict[str, str]) -> Component:
    purl = PackageURL("npm", None, entry["name"], entry["version"])
    component = Component(name=entry["name"], version=entry["version"], purl=purl, bom_ref=str(purl))
    component.description = f"{entry['source']}, as static/vendor/{entry['path']}"
    component.licenses.add(LicenseFactory().make_from_string(entry["licence"]))
    content = b64decode(entry["sha384"]).hex()
    component.hashes.add(HashType(alg=HashAlgorithm.SHA_384, content=content))
    return component


if __name__ == "__main__":
    main()
