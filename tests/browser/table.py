"""The table of browsers in `docs/browsers.md`: `make browsers` writes it anew, `test_browsers.py` holds it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import expect, sync_playwright

from reflect.storage.database import open_engine
from reflect.storage.schema import migrate
from tests.browser.demonstration import ROOT
from tests.browser.engines import ROWS, Bench, Row, Seat, Sit
from tests.browser.visits import STUDENTS, TEACHER, Campus
from tests.installation import installed

PAGE = ROOT / "docs" / "browsers.md"
COLUMNS = ("Launch", "Answer", "Live view", "Reload", "Export")
HEAD = f"| Browser | Cookies | {' | '.join(COLUMNS)} |"

OUTSIDE = ("new-tab", "keeps-nothing", "new-window", "attach-again")
"""What a launch may end in that does not lead into the course."""
SETTLED = ", ".join([*(f"#{one}" for one in OUTSIDE), "header.masthead ~ main:not(.threshold)"])
WAY = f"""{list(OUTSIDE)}.find((id) => document.getElementById(id)?.checkVisibility())
  ?? (document.documentElement.hasAttribute("hx-boost:inherited") ? "token" : "cookie")"""
"""By what somebody is in: where no cookie was kept, Reflect's script sends the token with whatever htmx asks for."""


def walk(sit: Sit, question: str) -> Iterator[str]:
    """Go along a row: each column's words as soon as they are true. Raises where something fails."""
    teacher, way = arrive(sit(TEACHER))
    yield way
    teacher.ask(question)
    student, their_way = arrive(sit(STUDENTS[0]))
    assert their_way == way
    student.answer(question, "curious")
    yield "yes"
    teacher.sees_answers(1)
    yield "yes"
    teacher.reload()
    teacher.shows(question)
    teacher.sees_answers(1)
    yield "yes"
    file = teacher.take("Download as a table (CSV)")
    if file is None:
        yield "not tried"
    else:
        name, text = file
        assert name.endswith(".csv") and question in text and "curious" in text
        yield "yes"


def arrive(seat: Seat) -> tuple[Seat, str]:
    """Wait until the person is in, by pressing the one button there is if need be; and by what they are in."""
    way = way_of(seat)
    if way != "new-tab":
        return seat, way
    tab = seat.tab("Open in a new tab")
    return tab, f"new tab, {way_of(tab)}"


def way_of(seat: Seat) -> str:
    """By what the person is in, or where they are instead."""
    seat.sees(SETTLED)
    return seat.run(WAY)


def documented() -> dict[str, list[str]]:
    """What the page says of each row, by the row's name."""
    lines = PAGE.read_text(encoding="utf-8").partition(HEAD)[2].partition("\n\n")[0].splitlines()[2:]
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return {f"{browser}, {cookies}": found for browser, cookies, *found in cells}


def measured(row: Row, bench: Bench) -> str:
    """The line of a row: what could not be reached is "no"."""
    found: list[str] = []
    try:
        with row.open(bench) as sit:
            found.extend(walk(sit, f"How is {row}?"))
    except Exception as fault:
        sys.stderr.write(f"{row}: {fault!r}\n")
    cells = [row.browser, row.cookies, *found, *["no"] * (len(COLUMNS) - len(found))]
    return f"| {' | '.join(cells)} |"


def main(wanted: str = "") -> None:
    """Write the table anew. A row that is not wanted, or not installed, keeps its line."""
    kept = {
        str(row): f"| {row.browser} | {row.cookies} | {' | '.join(documented().get(str(row), []))} |" for row in ROWS
    }
    expect.set_options(timeout=10_000)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = f"sqlite:///{folder}/reflect.db"
        engine = open_engine(database)
        migrate(engine)
        engine.dispose()
        with installed(database) as running:
            for row in [row for row in ROWS if row.is_here and wanted in str(row)]:
                bench = Bench(playwright, Campus.of(running), Path(folder) / str(row))
                bench.folder.mkdir()
                kept[str(row)] = measured(row, bench)
                sys.stdout.write(f"{kept[str(row)]}\n")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(HEAD)
    after = rest.partition("\n\n")[2]
    rule = "|---" * (len(COLUMNS) + 2) + "|"
    PAGE.write_text("\n".join([f"{before}{HEAD}", rule, *kept.values(), "", after]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
