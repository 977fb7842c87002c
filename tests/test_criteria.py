"""The checklist of docs/accessibility.md: no criterion is left out, and each test that it names is there."""

import re

from reflect.files import ROOT

CHECKLIST = (ROOT / "docs" / "accessibility.md").read_text()
NUMBERS = re.compile(r"[\d.]+")
A = NUMBERS.findall(
    "1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 "
    "2.5.1 2.5.2 2.5.3 2.5.4 3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2"
)
AA = NUMBERS.findall(
    "1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11 2.5.7 2.5.8 3.1.2 "
    "3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3"
)
ROW = re.compile(r"^\| (\d\.\d\.\d+) [^|]+ \| (A|AA) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_every_criterion_of_a_and_aa_has_its_row() -> None:
    rows = [(number, level) for number, level, _, _ in ROW.findall(CHECKLIST)]
    key = lambda row: [int(part) for part in row[0].split(".")]  # noqa: E731
    assert rows == sorted([*((one, "A") for one in A), *((one, "AA") for one in AA)], key=key)


def test_a_row_names_a_test_or_says_that_there_is_none() -> None:
    for number, _, how, shown in ROW.findall(CHECKLIST):
        assert "`" in shown or shown == "looked at, not tested" or how.startswith("not applicable: "), number


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:web|browser)/[\w/]+\.py)(?:::(\w+))?`", CHECKLIST)
    assert named
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^def {name or 'test_'}", (ROOT / "tests" / path).read_text(), re.MULTILINE)
    ]
    assert missing == []
