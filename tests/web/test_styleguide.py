"""The demo's page of components shows every token and feeling, and no installation for real people has it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from reflect.domain.emotions import EMOTIONS
from reflect.files import STATIC
from reflect.settings import Settings
from reflect.web import assets, styleguide
from reflect.web.app import create_app
from tests.installation import SECRET, Installation


@pytest.fixture(scope="module")
def page(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page as the demo serves it."""
    path = tmp_path_factory.mktemp("guide") / "reflect.db"
    shutil.copy(sqlite_template, path)
    settings = Settings(database_url=f"sqlite:///{path}", secret_key=SECRET)  # type: ignore[arg-type]
    with TestClient(create_app(settings, styleguide.ROUTES)) as client:
        answer = client.get("/styleguide")
    assert answer.status_code == 200
    yield answer.text


def test_an_installation_has_no_such_page(shared: Installation) -> None:
    assert shared.walker().get("/styleguide").status_code == 404


def test_every_token_is_shown_by_name(page: str) -> None:
    found = styleguide.tokens()
    names = [colour.name for colour in found.colours]
    assert {"paper", "text", "edge", "bright", "low-wash", "marigold"} <= set(names)
    for name in (*names, *found.sizes, *found.spaces):
        assert f"<code>{name}</code>" in page


def test_meanings_have_the_values_of_their_scheme() -> None:
    colours = {colour.name: colour for colour in styleguide.tokens().colours}
    assert colours["text"].light == colours["ink"].light
    assert colours["text"].dark != colours["text"].light
    assert all(colour.dark.startswith("oklch") for colour in colours.values())


def test_every_feeling_is_drawn_in_both_manners(page: str) -> None:
    for manner in ("character", "plain"):
        assert page.count(f"face-{manner}") >= len(EMOTIONS)


def test_a_field_is_shown_with_and_without_a_problem(page: str) -> None:
    assert page.count('aria-invalid="true"') == 1
    assert page.count('class="field"') >= 2


def test_it_uses_the_sheets_of_the_app_and_none_of_its_own_for_their_classes(page: str) -> None:
    for path in ("reflect.css", "portal.css", "css/styleguide.css"):
        assert assets.asset(path) in page
    rules = (STATIC / "css" / "styleguide.css").read_text().splitlines()
    assert all(line.startswith((".guide", "/*")) for line in rules)
