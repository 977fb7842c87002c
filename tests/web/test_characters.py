import gzip
import re
from collections.abc import Iterator
from html import unescape
from itertools import combinations
from xml.etree import ElementTree

import pytest

from reflect.domain.emotions import EMOTIONS, Emotion
from reflect.files import STATIC, TEMPLATES
from reflect.web.characters import drawing
from reflect.web.pages import environment

MANNERS = ("character", "plain")
LARGEST_PAGE = 16 * 1024
"""Bytes that 56 characters may add to a page once it is compressed."""
SMILES = {"grin", "beam", "sing", "smile", "soft", "smirk", "firmly", "purr"}
ALLOWED = {
    "svg": {"class", "viewBox", "focusable", "role", "aria-hidden"},
    "title": set(),
    "g": {"class", "transform"},
    "path": {"class", "transform", "d"},
}
CSS = (STATIC / "css" / "faces.css").read_text()


def table(template: str, name: str) -> dict[str, dict[str, str]]:
    """A table of the characters' templates."""
    return getattr(environment("en").get_template(f"characters/{template}.html").module, name)


def draw(emotion: Emotion, manner: str = "character", **more: str) -> str:
    source = '{% from "macros/faces.html" import face %}{{ face(it.pleasantness, it.energy, **more) }}'
    more = {"key": emotion.key, "manner": manner, **more}
    return environment("en").from_string(source).render(it=emotion, more=more)


def elements(svg: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(svg).iter()


def drawings(manner: str) -> list[tuple[str, list[tuple[str, str | None, str | None]]]]:
    """Each feeling with its shapes and where they are; colours are left out."""
    return [
        (key, [(part.tag, part.get("d"), part.get("transform")) for part in elements(draw(emotion, manner))])
        for key, emotion in EMOTIONS.items()
    ]


def test_every_feeling_has_a_pose_and_a_plain_mark_and_nothing_else_has() -> None:
    poses = table("pleasant", "pleasant") | table("unpleasant", "unpleasant")
    assert set(poses) == set(EMOTIONS)
    assert set(table("marks", "marks")) == set(EMOTIONS)
    assert {key for key, emotion in EMOTIONS.items() if emotion.pleasantness >= 0} == set(table("pleasant", "pleasant"))


@pytest.mark.parametrize("manner", MANNERS)
def test_no_two_feelings_share_a_drawing(manner: str) -> None:
    for (one, its), (other, others) in combinations(drawings(manner), 2):
        assert its != others, f"{one} and {other} look the same"


@pytest.mark.parametrize("manner", MANNERS)
def test_no_two_feelings_of_a_kind_share_what_is_around_the_face(manner: str) -> None:
    without_look = [
        {name: value for name, value in row.items() if name not in ("look", "turn", "at")}
        for name in (("pleasant", "unpleasant") if manner == "character" else ("marks",))
        for row in table(name, name).values()
    ]
    assert all(one != other for one, other in combinations(without_look, 2))


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("emotion", EMOTIONS.values(), ids=lambda emotion: emotion.key)
def test_a_drawing_is_well_formed_and_needs_no_inline_style(emotion: Emotion, manner: str) -> None:
    for element in elements(draw(emotion, manner)):
        assert set(element.attrib) <= ALLOWED[element.tag]
        assert not (element.text or "").strip()
        if element.tag == "path":
            assert re.fullmatch(r"M[-\d. ,a-zA-Z]+", element.attrib["d"])
            assert element.get("class")
        if "transform" in element.attrib:
            assert re.fullmatch(r"((translate|scale|rotate|skewX)\([-\d., ]+\))+", element.attrib["transform"])


def test_pleasant_feelings_smile_and_blush_and_unpleasant_ones_never_do() -> None:
    for key, emotion in EMOTIONS.items():
        look = (table("pleasant", "pleasant") | table("unpleasant", "unpleasant"))[key]["look"]
        assert (look.split()[2] in SMILES) == (emotion.pleasantness >= 0), key
        assert ("face-blush" in draw(emotion)) == (emotion.pleasantness >= 0), key


def test_no_two_feelings_of_a_kind_share_a_face() -> None:
    poses = table("pleasant", "pleasant") | table("unpleasant", "unpleasant")
    faces = [
        (emotion.pleasantness >= 0, emotion.energy >= 0, *poses[key]["look"].split()[:3])
        for key, emotion in EMOTIONS.items()
    ]
    assert [face for face in faces if faces.count(face) > 1] == []


@pytest.mark.parametrize("manner", MANNERS)
def test_a_labelled_drawing_is_an_image_with_that_name(manner: str) -> None:
    svg = draw(EMOTIONS["happy"], manner, label='"happy" & <glad>')
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img" and root.get("aria-hidden") is None
    assert root[0].tag == "title" and unescape(root[0].text or "") == '"happy" & <glad>'


@pytest.mark.parametrize("manner", MANNERS)
def test_a_drawing_beside_its_word_is_hidden_from_screen_readers(manner: str) -> None:
    root = ElementTree.fromstring(draw(EMOTIONS["happy"], manner))
    assert root.get("aria-hidden") == "true" and root.get("role") is None
    assert root.get("focusable") == "false" and root.find("title") is None


@pytest.mark.parametrize("manner", MANNERS)
def test_a_feeling_without_a_key_gets_a_face_of_its_numbers(manner: str) -> None:
    numbers = [(p / 10, e / 10) for p in range(-10, 11, 4) for e in range(-10, 11, 4)]
    source = '{% from "macros/faces.html" import face %}{{ face(p, e, manner=manner) }}'
    template = environment("en").from_string(source)
    drawn = {template.render(p=p, e=e, manner=manner) for p, e in numbers}
    assert len(drawn) > 6 and all(ElementTree.fromstring(svg) is not None for svg in drawn)


@pytest.mark.parametrize("manner", MANNERS)
def test_a_page_with_all_characters_stays_small(manner: str) -> None:
    page = "".join(draw(emotion, manner) for emotion in EMOTIONS.values())
    assert len(gzip.compress(page.encode(), 6)) < LARGEST_PAGE


def test_every_part_that_is_drawn_has_its_paint() -> None:
    drawn = {
        element.get("class")
        for manner in MANNERS
        for emotion in EMOTIONS.values()
        for element in elements(draw(emotion, manner))
        if element.tag == "path"
    }
    assert [name for name in drawn if f".{name}" not in CSS] == []


def test_every_part_in_the_tables_is_used() -> None:
    poses = [*table("pleasant", "pleasant").values(), *table("unpleasant", "unpleasant").values()]
    simple = (TEMPLATES / "characters" / "features.html").read_text().partition("{% macro simple")[2]
    written = " ".join([simple, *(value for pose in poses for value in pose.values())])
    words = set(re.findall(r"[a-z][a-z-]*", written))
    for template, name in (
        ("bodies", "bodies"),
        ("bodies", "limbs"),
        ("features", "eyes"),
        ("features", "brows"),
        ("features", "filled"),
        ("features", "lines"),
        ("things", "things"),
    ):
        assert [part for part in table(template, name) if part not in words] == [], name


def test_motion_is_only_for_those_who_want_it_and_only_transforms() -> None:
    wanted = re.search(r"@media \(prefers-reduced-motion: no-preference\) \{\n(.*?)\n\}\n", CSS, re.DOTALL)
    assert wanted and "animation:" in wanted[1]
    assert "animation:" not in CSS.replace(wanted[1], "") and "transition" not in CSS
    frames = re.findall(r"@keyframes [\w-]+ \{(.*)\}\n", CSS)
    assert {name for frame in frames for name in re.findall(r"([\w-]+):", frame)} <= {"transform", "opacity"}
    assert "infinite" not in CSS


def test_there_is_no_third_manner() -> None:
    with pytest.raises(KeyError):
        drawing("photograph", "happy", 0.9, 0.4)
