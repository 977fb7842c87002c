"""A page asks for one style sheet and one script, compressed, and may keep them for ever."""

import gzip
import re
from pathlib import Path

import pytest
from rcssmin import cssmin
from rjsmin import jsmin
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from reflect.files import STATIC
from reflect.web import assets
from reflect.web.pages import environment
from reflect.web.static import FingerprintedFiles

JOINED = ("reflect.css", "reflect.js", "portal.css", "portal.js")


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=[Mount("/static", FingerprintedFiles(directory=STATIC))]))


def test_every_style_sheet_is_joined_once_or_stands_alone_knowingly() -> None:
    listed = [*assets.STYLES, *assets.PORTAL_STYLES, *assets.ALONE]
    assert sorted(listed) == sorted(path.stem for path in (STATIC / "css").glob("*.css"))


def test_every_script_is_joined_but_the_campus_s_own() -> None:
    listed = [*assets.SCRIPTS, *assets.PORTAL_SCRIPTS, "campus"]
    assert sorted(listed) == sorted(path.stem for path in (STATIC / "js").glob("*.js"))


def test_a_page_asks_for_one_sheet_and_one_script() -> None:
    source, _, _ = environment("en").loader.get_source(environment("en"), "base.html")  # type: ignore[union-attr]
    assert re.findall(r'(?:stylesheet" href|script src)="\{\{ asset\(\'([^\']+)', source) == [
        "reflect.css",
        "reflect.js",
    ]


@pytest.mark.parametrize("path", JOINED)
def test_what_is_joined_is_kept_for_ever_at_its_fingerprint(client: TestClient, path: str) -> None:
    answer = client.get(assets.asset(path))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].partition(";")[0] == (
        "text/css" if path.endswith("css") else "text/javascript"
    )
    assert answer.content == assets.joined()[path].content
    assert client.get(f"/static/{path}").headers["cache-control"] == "no-cache"


def test_it_is_compressed_for_whoever_takes_that(client: TestClient) -> None:
    for accepted, encoding in (("gzip, br", "gzip"), ("gzip;q=1.0", "gzip"), ("br", None), ("identity", None)):
        answer = client.get("/static/reflect.css", headers={"Accept-Encoding": accepted})
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.content == assets.joined()["reflect.css"].content


def test_a_head_has_the_length_and_nothing_is_written(client: TestClient) -> None:
    whole = assets.joined()["reflect.js"]
    head = client.head("/static/reflect.js", headers={"Accept-Encoding": "identity"})
    assert head.headers["content-length"] == str(len(whole.content))
    assert client.post("/static/reflect.js").status_code == 405
    assert client.get("/static/css/tokens.css").status_code == 200


def test_the_rules_come_in_their_order() -> None:
    sheet = assets.joined()["reflect.css"].content.decode()
    places = [sheet.index(cssmin((STATIC / f"css/{noun}.css").read_text())) for noun in assets.STYLES]
    assert places == sorted(places)


def test_each_script_is_strict_and_keeps_its_names_to_itself() -> None:
    script = assets.joined()["reflect.js"].content.decode()
    for noun in assets.SCRIPTS:
        own = (STATIC / f"js/{noun}.js").read_text()
        assert jsmin(f"(() => {{\n{own}\n}})();") in script
        assert re.match(r'(?://.*\n)*"use strict";', own), f"{noun}.js is not strict"


@pytest.mark.parametrize("path", sorted((STATIC / "js").glob("*.js")), ids=lambda path: path.name)
def test_no_template_literal_stands_within_another(path: Path) -> None:
    """The library that leaves out the spaces would take those out of its words, too."""
    assert not re.search(r"`[^`]*\$\{[^}`]*`", path.read_text())


def test_a_browser_gets_little() -> None:
    sizes = {path: len(whole.compressed) for path, whole in assets.joined().items()}
    assert sizes["reflect.css"] + sizes["reflect.js"] < 41_500
    assert gzip.decompress(assets.joined()["portal.js"].compressed) == assets.joined()["portal.js"].content


def test_the_sheets_name_no_file_beside_them() -> None:
    for path in Path(STATIC / "css").glob("*.css"):
        assert not re.search(r"url\((?![\"']?(?:data:|#))", path.read_text()), (
            f"{path.name}: its address would be another"
        )
