"""The house's own rules, where no other tool holds them."""

import ast
import base64
import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from reflect.files import ROOT, STATIC, TEMPLATES
from reflect.lti.refusals import STATUS
from reflect.web.api.refusals import API_WORDINGS
from reflect.web.checkin_refusals import CHECKIN_WORDINGS
from reflect.web.fault_refusals import FAULTS
from reflect.web.refusals import OF_STATE, WORDINGS
from reflect.web.sharing_refusals import SHARING
from reflect.web.sign_in_refusals import SIGN_INS
from reflect.web.talk_refusals import TALKS

PYTHON = sorted((ROOT / "reflect").rglob("*.py"))
PAGES = sorted(TEMPLATES.rglob("*.html"))
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
LONGEST_MODULE, LONGEST_FUNCTION = 250, 40


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_template_has_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=|hx-on|javascript:|\bjs:", text)
    for script in re.findall(r"<script\b[^>]*>(.*?)</script>", text, re.DOTALL):
        assert not script.strip()
    assert not re.search(r'hx-trigger="[^"]*\[', text), "a trigger filter needs unsafe-eval"
    assert "|safe" not in text.replace(" ", "")


@pytest.mark.parametrize("path", [*PAGES, *STYLES, *SCRIPTS], ids=name_of)
def test_nothing_is_fetched_from_another_host(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"""(?:src|href|url\(|@import|from)\s*[=(]?\s*["']?https?://""", text)
    assert not re.search(r"""["'(]//[a-z]""", text)


def test_every_template_is_used() -> None:
    used = " ".join(path.read_text() for path in [*PYTHON, *PAGES])
    unused = [path for path in PAGES if not re.search(_reference(path), used)]
    assert [name_of(path) for path in unused] == []


def _reference(path: Path) -> str:
    """How a template is named: whole, or by its stem where a renderer adds the folder."""
    whole = re.escape(path.relative_to(TEMPLATES).as_posix())
    return rf'["\']{whole}["\']|["\']{re.escape(path.stem)}["\']'


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_styles_work_in_both_directions(path: Path) -> None:
    physical = r"(?:margin|padding|border)-(?:left|right)\b|(?<![-\w])(?:left|right)\s*:|text-align:\s*(?:left|right)"
    assert not re.search(physical, path.read_text())


def vendored() -> list[dict[str, str]]:
    return tomllib.loads((STATIC / "vendor" / "vendored.toml").read_text())["file"]


@pytest.mark.parametrize("entry", vendored(), ids=lambda entry: entry["path"])
def test_a_vendored_file_is_what_its_manifest_says(entry: dict[str, str]) -> None:
    content = (STATIC / "vendor" / entry["path"]).read_bytes()
    assert base64.b64encode(hashlib.sha384(content).digest()).decode() == entry["sha384"]
    assert (STATIC / "vendor" / entry["licence_file"]).read_text().strip()


def test_every_vendored_file_is_in_the_manifest() -> None:
    known = {name for entry in vendored() for name in (entry["path"], entry["licence_file"])}
    assert {path.name for path in (STATIC / "vendor").iterdir()} == known | {"vendored.toml"}


@pytest.mark.parametrize("path", [path for path in PYTHON if "versions" not in path.parts], ids=name_of)
def test_a_module_fits_the_house(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE
    tree = ast.parse(text)
    if path.name != "__main__.py":
        assert ast.get_docstring(tree), "a module says what it is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


def test_no_module_is_named_for_nothing() -> None:
    assert not [path for path in PYTHON if re.search(r"util|helper|manager|common|misc", path.stem)]


def test_every_code_has_its_words() -> None:
    raised = set()
    for path in PYTHON:
        if "cli" not in path.parts:
            raised |= set(re.findall(r'\b(?:Refused|Missing)\(\s*"([a-z_]+)"', path.read_text()))
    raised |= set(
        re.findall(r'return "([a-z_]+)"', (ROOT / "reflect" / "domain" / "privacy" / "audiences.py").read_text())
    )
    assert (raised | set(STATUS)) - set(WORDINGS) == set()


def test_a_code_has_its_words_in_one_place() -> None:
    tables = (CHECKIN_WORDINGS, API_WORDINGS, SHARING, TALKS, SIGN_INS, FAULTS)
    codes = [code for table in tables for code in table]
    assert sorted(set(codes)) == sorted(codes)
    assert set(codes) <= set(WORDINGS)


def test_no_refusal_for_the_state_of_a_checkin_sends_anybody_to_look_at_their_browser() -> None:
    of_checkins = {code for code in WORDINGS if re.match("checkin_|archive_", code)}
    assert of_checkins >= {"checkin_open", "checkin_closed", "checkin_answered", "archive_open"}
    assert of_checkins | set(CHECKIN_WORDINGS) == set(OF_STATE)
    assert {WORDINGS[code].status for code in OF_STATE} == {409}


@pytest.mark.parametrize("code", STATUS)
def test_the_page_of_a_launch_refusal_has_the_status_of_the_table(code: str) -> None:
    assert WORDINGS[code].status == STATUS[code]


BROWSER_TESTS = sorted((ROOT / "tests" / "browser").glob("*.py"))


@pytest.mark.parametrize("path", BROWSER_TESTS, ids=name_of)
def test_a_browser_test_waits_for_the_page_that_a_link_leads_to(path: Path) -> None:
    """Every page has this link: use Visit.follow, or what comes next may happen on the old page."""
    assert not re.search(r'masthead-name"\)\.click\(', path.read_text())
