"""Every catalogue says everything that the code says, with the same fields and tags, and no text goes past the catalogues."""

import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from reflect.files import ROOT, TEMPLATES
from reflect.web import language
from reflect.web.templating import new_environment

TAGS = language.available()[1:]
FIELD = re.compile(r"%\((\w+)\)[sd]")
MARKUP = re.compile(r"</?\w+[^>]*>")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every message of the code and the templates."""
    path = tmp_path_factory.mktemp("messages") / "messages.pot"
    extract = ["-q", "extract", "-F", "pyproject.toml", "-k", "_", "-k", "marked", "-o", str(path), "."]
    subprocess.run([str(Path(sys.executable).parent / "pybabel"), *extract], cwd=ROOT, check=True)
    return _read(path)


def _read(path: Path, tag: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=tag and tag.replace("-", "_"))


def _catalogue(tag: str) -> Catalog:
    return _read(language.CATALOGUES / f"{tag}.po", tag)


def _texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _last(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[-1]


def _key(message: Message) -> tuple[str | None, object]:
    return message.context, message.id


def test_messages_are_found(source: Catalog) -> None:
    assert len(source) > 1_500


@pytest.mark.parametrize("tag", TAGS)
def test_a_catalogue_has_the_messages_of_the_code_and_no_others(tag: str, source: Catalog) -> None:
    catalogue = _catalogue(tag)
    assert {_key(message) for message in catalogue} == {_key(message) for message in source}
    assert catalogue.obsolete == {}


@pytest.mark.parametrize("tag", TAGS)
def test_every_message_is_translated_in_every_plural_form(tag: str) -> None:
    catalogue = _catalogue(tag)
    forms = {True: 1, False: catalogue.num_plurals}
    missing = [
        message.id
        for message in catalogue
        if message.id
        and (message.fuzzy or not all(_texts(message)) or len(_texts(message)) != forms[isinstance(message.id, str)])
    ]
    assert missing == []


@pytest.mark.parametrize("tag", TAGS)
def test_a_translation_keeps_fields_and_tags(tag: str) -> None:
    wrong = []
    for message in _catalogue(tag):
        if not message.id:
            continue
        fields, tags = set(FIELD.findall(_last(message))), Counter(MARKUP.findall(_last(message)))
        may_leave_out = set() if isinstance(message.id, str) else {"count"}
        for text in _texts(message):
            if (
                not fields - may_leave_out <= set(FIELD.findall(text)) <= fields
                or Counter(MARKUP.findall(text)) != tags
            ):
                wrong.append((message.id, text))
    assert wrong == []


class _Spoken(HTMLParser):
    """Collects what a page says: its texts, and the attributes that are read aloud or shown."""

    ATTRIBUTES = ("aria-label", "aria-description", "alt", "title", "placeholder")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(re.sub(r'[\w-]+="[^"]*">?', "", data))  # a macro may write attributes without the tag

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value or "" for name, value in attrs if name in self.ATTRIBUTES]


def _said_by(source: str) -> list[str]:
    """What a template says in letters of its own, past the catalogues; our name is the same in every language."""
    environment, said, in_trans, html = new_environment(["jinja2.ext.i18n"]), _Spoken(), False, ""
    for token in environment.lexer.tokenize(source):
        if token.type == "name" and token.value in ("trans", "endtrans"):
            in_trans = token.value == "trans"
        elif token.type == "data" and not in_trans:
            html += token.value
    html = re.sub(r"<code[^>]*>.*?</code>", "", html, flags=re.DOTALL)  # commands are the same in every language
    said.feed(html)
    said.close()
    return [words for text in said.said if (words := " ".join(text.split())) and re.search(r"[^\W\d_]{2}", words)
            and words not in NAMES]  # fmt: skip


NAMES = {"Reflect", "· Reflect", "https://", "wide"}
"""Our name, the beginning of an address, and what a block puts into a class."""


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_holds_a_text_that_goes_past_the_catalogues(path: Path) -> None:
    assert _said_by(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text", ["<p>Send it</p>", '<a aria-label="Send it">{{ _("Send") }}</a>', "{{ count }} answers"]
)
def test_a_text_past_the_catalogues_would_be_found(text: str) -> None:
    assert _said_by(text) != []
