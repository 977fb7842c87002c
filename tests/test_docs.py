"""The documentation is true of the code, as far as a program can tell, and its site asks nobody else for anything."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from reflect.cli import main
from reflect.domain import rates as domain_rates
from reflect.domain.rates import Limit
from reflect.files import ROOT
from reflect.settings import NEW_SECRET, Settings
from reflect.web.rates import CHANGES_OF_PERSON, LAUNCHES_OF_PLATFORM, REFUSALS_OF_NETWORK
from reflect.web.refusals import WORDINGS
from tests.browser.illustrations import LARGEST

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
TOLD = [ROOT / "README.md", *PAGES]
CODE = re.compile(r"^ *```[^\n]*\n(.*?)^ *```|(?<!`)`([^`\n]+)`(?!`)", re.DOTALL | re.MULTILINE)


def name_of(path: Path) -> str:
    return path.name


def pages_of(nav: object) -> Iterator[str]:
    """The files that an order of pages names."""
    if isinstance(nav, str):
        yield nav
    else:
        for entry in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
            yield from pages_of(entry)


def commands_in(text: str) -> Iterator[list[str]]:
    """What follows each `reflect` that stands in code where a command stands."""
    for block, span in CODE.findall(text):
        for line in (block.replace("\\\n", " ") or span).splitlines():
            for part in line.split("&&"):
                words = (
                    shlex.split(part, comments=True) if part.count("'") % 2 == 0 and part.count('"') % 2 == 0 else []
                )
                for place, word in enumerate(words):
                    if word.endswith("/bin/reflect") or (word == "reflect" and place == 0):
                        yield words[place + 1 :]


def fault_of(words: list[str]) -> str:
    """What is wrong with a command; empty if nothing is."""
    command: click.Command = main
    rest = list(words)
    while isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z][a-z-]*", rest[0]):
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            return f"there is no {rest[0]}"
        command, _ = found, rest.pop(0)
    options = {option for parameter in command.params for option in parameter.opts} | {"--help", "--version"}
    return ", ".join(word for word in rest if word.startswith("--") and word.split("=")[0] not in options)


def test_every_page_has_its_place() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    assert sorted(pages_of(nav)) == [path.name for path in PAGES]


@pytest.mark.parametrize("path", TOLD, ids=name_of)
def test_every_command_that_is_shown_is_there_with_its_options(path: Path) -> None:
    shown = list(commands_in(path.read_text()))
    assert [(words, fault_of(words)) for words in shown if fault_of(words)] == []


def test_a_command_that_is_not_there_would_be_noticed() -> None:
    text = "Run `reflect nowhere`, then:\n```\nreflect serve --sideways 1 \\\n  --port 2\nreflect tidy && /opt/bin/reflect admin go\n```\n"
    assert [fault_of(words) for words in commands_in(text)] == [
        "there is no nowhere",
        "--sideways",
        "",
        "there is no go",
    ]


def test_every_setting_is_told_and_no_other() -> None:
    names = {f"REFLECT_{name}".upper() for name in Settings.model_fields}
    table = re.findall(r"REFLECT_[A-Z_]+", (DOCS / "settings.md").read_text())
    assert names - set(table) == set()
    for path in TOLD:
        assert set(re.findall(r"REFLECT_[A-Z_]*[A-Z]", path.read_text())) - names <= {NEW_SECRET}, path.name


def test_every_default_is_the_one_that_is_told() -> None:
    rows = re.findall(r"^\| `REFLECT_([A-Z_]+)` \| `([^`]*)` \|", (DOCS / "settings.md").read_text(), re.MULTILINE)
    assert len(rows) >= 6
    assert [
        (name, told) for name, told in rows if told.lower() != str(Settings.model_fields[name.lower()].default).lower()
    ] == []


def test_every_refusal_is_in_the_table_with_its_status() -> None:
    rows = re.findall(
        r"^\| `([a-z_]+)` \| (\d{3}) \| \S.* \| \S.* \|$", (DOCS / "refusals.md").read_text(), re.MULTILINE
    )
    assert len(rows) == len(dict(rows)), "a code stands once"
    assert {code: int(status) for code, status in rows} == {code: told.status for code, told in WORDINGS.items()}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_test_and_file_that_is_named_is_there(path: Path) -> None:
    text = path.read_text()
    for file, test in re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", text):
        source = ROOT / file
        assert source.is_file(), file
        assert not test or f"\ndef {test}(" in source.read_text(), f"{file}::{test}"
    for file in re.findall(r"`((?:reflect|templates|static|seed_data|benchmarks)/[\w/.-]+\.\w+)`", text):
        assert (ROOT / file).exists(), file


def test_every_known_attack_stands_in_the_table_with_a_test() -> None:
    text = (DOCS / "security.md").read_text()
    rows = re.findall(r"^\| (\d+) \| \S.* \| \S.* \| `(tests/[\w/]+\.py::\w+)` \|$", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 29))
    assert len({test for _, test in rows}) == 28


def test_every_row_of_the_threat_model_names_a_test() -> None:
    text = (DOCS / "security.md").read_text()
    rows = re.findall(r"^\| [STRIDE] \|.*$", text, re.MULTILINE)
    assert len(rows) > 50
    assert [row for row in rows if not re.search(r"`tests/[\w/]+\.py::\w+` \|$", row)] == []


def test_every_limit_is_told_as_it_is() -> None:
    text = (DOCS / "security.md").read_text()
    limits = [it for it in vars(domain_rates).values() if isinstance(it, Limit)]
    told = {CHANGES_OF_PERSON, LAUNCHES_OF_PLATFORM, REFUSALS_OF_NETWORK, *(limit.most for limit in limits)}
    rows = re.findall(r"^\| [^|]+ \| (?:person|platform|network|code|key) \| ([\d,]+) ", text, re.MULTILINE)
    assert len(rows) == len(limits) + 3
    assert {int(number.replace(",", "")) for number in rows} == told


@pytest.mark.parametrize("path", TOLD, ids=name_of)
def test_every_target_of_make_that_is_shown_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(block or span for block, span in CODE.findall(path.read_text()))
    assert set(re.findall(r"^make ([a-z]+)", code, re.MULTILINE)) - targets == set()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_list_begins_after_an_empty_line(path: Path) -> None:
    # Otherwise the site makes it part of the paragraph before.
    item = re.compile(r" *(?:[-*]|\d+\.) ")
    blocks = [block.splitlines() for block in CODE.sub("…", path.read_text()).split("\n\n")]
    texts = [[line for line in block if not line.startswith("#")] for block in blocks]
    glued = [text[0] for text in texts if any(map(item.match, text[1:])) and not item.match(text[0])]
    assert glued == []


def test_every_picture_is_shown_and_small() -> None:
    told = "".join(path.read_text() for path in [*TOLD, ROOT / "mkdocs.yml"])
    for picture in (DOCS / "images").iterdir():
        assert f"images/{picture.name}" in told, picture.name
        assert picture.stat().st_size <= LARGEST, picture.name


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a broken link, a page without a place or any other complaint fails."""
    folder = tmp_path_factory.mktemp("site")
    # Not --quiet: then mkdocs counts no warnings, and --strict lets everything pass.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_is_built_and_asks_no_other_host(site: Path) -> None:
    for page in PAGES:
        assert (site / page.with_suffix(".html").name).is_file()
    for file in site.rglob("*.html"):
        text = file.read_text()
        fetched = re.findall(r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=[\"']?([^\"'\s>]+)", text)
        fetched += re.findall(r"<link\b(?![^>]*rel=[\"']?(?:canonical|next|prev))[^>]*\bhref=[\"']?([^\"'\s>]+)", text)
        assert fetched
        assert [url for url in fetched if re.match(r"(?:https?:)?//", url)] == [], file.name
        # What the theme's script would fetch more for: diagrams from a CDN, and facts of a repository.
        assert not re.search(r"class=[\"']?mermaid|data-md-component=[\"']?source", text), file.name
    for file in site.rglob("*.css"):
        assert not re.search(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", file.read_text()), file.name


def test_the_site_can_be_searched(site: Path) -> None:
    assert "verify-anonymity" in (site / "search" / "search_index.json").read_text()
