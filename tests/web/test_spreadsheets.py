"""Files read back with other programs than the one that wrote them."""

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect.web.spreadsheets import Cell, Sheet, csv_of, xlsx_of

AT = datetime(2026, 9, 7, 8, 30, 15, tzinfo=UTC)
DANGEROUS = [
    '=HYPERLINK("http://evil")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\u200b=1",
    "\u200f@A",
    "{=1}",
    "http://evil.example",
    "0123",
]


def sheet(*rows: tuple[Cell, ...], columns: tuple[str, ...] = ("one",)) -> Sheet:
    return Sheet("Answers", columns, rows)


def read_csv(file: bytes) -> list[list[str]]:
    text = file.decode("utf-8-sig")
    assert file.startswith(b"\xef\xbb\xbf"), "without the mark, spreadsheets take UTF-8 for something else"
    return list(csv.reader(io.StringIO(text, newline="")))


def read_xlsx(file: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(file))


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_people_wrote_is_never_a_formula_in_a_workbook(text: str) -> None:
    file = xlsx_of([sheet((text,))])
    with ZipFile(io.BytesIO(file)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert "hyperlink" not in page
    assert read_xlsx(file).active["A2"].data_type == "s"


@pytest.mark.parametrize("text", DANGEROUS[:8])
def test_what_people_wrote_is_never_a_formula_in_a_table(text: str) -> None:
    (_, (cell,)) = read_csv(csv_of(sheet((text,))))
    assert cell == "'" + text


def test_numbers_and_moments_are_cells_of_their_own_kind() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    page = read_xlsx(xlsx_of([sheet((7, elsewhere, "7", None), columns=("a", "b", "c", "d"))])).active
    count, moment, text, nothing = page[2]
    assert (count.value, count.data_type) == (7, "n")
    assert moment.value == AT.replace(tzinfo=None)
    assert moment.is_date
    assert (text.value, text.data_type) == ("7", "s")
    assert nothing.value is None


def test_a_negative_count_is_a_number_and_no_text() -> None:
    assert read_csv(csv_of(sheet((-1,))))[1] == ["-1"]


def test_the_head_stays_in_sight_and_can_be_filtered() -> None:
    page = read_xlsx(xlsx_of([sheet(("x",), ("y",))])).active
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:A3")


def test_an_empty_sheet_can_be_opened() -> None:
    assert read_xlsx(xlsx_of([sheet()])).active["A1"].value == "one"


def test_each_sheet_has_its_title_as_far_as_excel_takes_it() -> None:
    long = Sheet("A title that Excel would refuse to take", ("one",), [])
    assert read_xlsx(xlsx_of([sheet(), long])).sheetnames == ["Answers", long.title[:31]]


written = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30)


@settings(deadline=None)
@given(st.lists(st.tuples(written.filter(lambda text: text[0] != "'"), st.integers(-9, 99)), max_size=5))
def test_texts_and_numbers_come_back_as_they_were(rows: list[tuple[str, int]]) -> None:
    made = sheet(*rows, columns=("text", "count"))
    assert list(read_xlsx(xlsx_of([made])).active.iter_rows(min_row=2, values_only=True))[: len(rows)] == rows
    assert [(text.removeprefix("'"), int(count)) for text, count in read_csv(csv_of(made))[1:]] == rows
