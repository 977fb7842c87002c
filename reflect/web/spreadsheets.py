"""Tables to take along, as CSV (RFC 4180) or as an Excel workbook with typed cells.

What people wrote is never a formula: spreadsheets run those when a file is opened.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reflect.domain.writing import seen

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | datetime | None
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60
_LONGEST_TITLE = 31
"""What Excel takes as the name of a sheet."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: a title, the names of its columns, and rows of as many cells. Moments are in UTC."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def csv_of(sheet: Sheet) -> bytes:
    """One sheet as CSV, with the mark by which spreadsheets know UTF-8."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(sheet.columns)
    rows.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return ("\ufeff" + file.getvalue()).encode()


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    text = "" if cell is None else str(cell)
    # A number that we counted may begin with any sign; a text that somebody wrote may not.
    return f"'{text}" if isinstance(cell, str) and seen(text).startswith(_STARTS_A_FORMULA) else text


def xlsx_of(sheets: Sequence[Sheet]) -> bytes:
    """Sheets as one workbook: numbers are numbers, moments are dates, texts are texts, and the head stays in sight."""
    from xlsxwriter import Workbook  # late: a server need not load it before somebody wants a workbook

    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
    }
    with Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.title[:_LONGEST_TITLE]), sheet, head)
    return file.getvalue()


def _fill(page: "Worksheet", sheet: Sheet, head: "Format") -> None:
    page.write_row(0, 0, sheet.columns, head)
    page.freeze_panes(1, 0)
    for number, row in enumerate(sheet.rows, 1):
        for place, cell in enumerate(row):
            _write(page, number, place, cell)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    page.autofit(max_width=_WIDEST * 7)


def _write(page: "Worksheet", row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, datetime):
        # Excel knows no zones: the heads of such columns say that it is UTC.
        page.write_datetime(row, column, cell.astimezone(UTC).replace(tzinfo=None))
    elif isinstance(cell, int):
        page.write_number(row, column, cell)
    elif cell:
        page.write_string(row, column, cell)
