"""Files are read row by row, whatever their format, and nothing that is too large is held."""

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.import_files import LARGEST_ROW, records, table
from reflect.domain.refusals import ImportRefused

ROWS = [{"checkInId": "a", "responseEmotion": "calm"}, {"checkInId": "b", "isClosed": True}]


def read(content: str | bytes) -> list[tuple[int, dict[str, Any]]]:
    data = content.encode() if isinstance(content, str) else content
    return [(it.line, dict(it.values)) for it in records(io.BytesIO(data))]


def values(content: str | bytes) -> list[dict[str, Any]]:
    return [row for _, row in read(content)]


def page(rows: list[dict[str, Any]], **more: Any) -> str:
    return json.dumps({"@odata.context": "x", **more, "value": rows}, indent=1)


@pytest.mark.parametrize(
    "content",
    [
        page(ROWS),
        json.dumps({"value": ROWS, "@odata.nextLink": "https://x.example"}),
        "\ufeff" + page(ROWS),
        json.dumps(ROWS),
        "\n".join(map(json.dumps, ROWS)),
        "\n\n".join(map(json.dumps, ROWS)) + "\n",
        page(ROWS[:1]) + page(ROWS[1:]),
        page(ROWS[:1]) + ",\n" + page(ROWS[1:], **{"@odata.count": 12}),
        json.dumps([json.loads(page(ROWS[:1])), json.loads(page(ROWS[1:]))]),
    ],
)
def test_every_way_of_writing_json_is_read(content: str) -> None:
    assert values(content) == ROWS


def test_csv_is_read_with_its_lines() -> None:
    content = '\ufeffcheckInId,classId,submitDateTime\r\na,"one, or\r\ntwo",x\r\n\r\nb,,\r\n'
    assert read(content) == [
        (2, {"checkInId": "a", "classId": "one, or\r\ntwo", "submitDateTime": "x"}),
        (5, {"checkInId": "b", "classId": "", "submitDateTime": ""}),
    ]


def test_rows_of_json_know_their_lines() -> None:
    assert [line for line, _ in read('{"value": [\n{"a": 1},\n\n{"a":\n2},\n{"a": 3}]}')] in ([2, 4, 6], [1, 1, 1])
    assert [line for line, _ in read('[\n{"a": 1},\n\n{"a":\n2},\n{"a": 3}]')] == [2, 4, 6]
    assert [line for line, _ in read('{"a": 1}\n\n{"a": 2}')] == [1, 3]


@pytest.mark.parametrize("content", ["", "  \n", "[]", '{"value": []}', "checkInId,submitDateTime,classId\n"])
def test_a_file_without_rows_has_none(content: str) -> None:
    assert values(content) == []


@given(
    st.lists(
        st.fixed_dictionaries({"checkInId": st.text(), "n": st.integers() | st.none() | st.booleans()}), max_size=8
    )
)
def test_what_json_says_is_what_is_read(rows: list[dict[str, Any]]) -> None:
    for content in (json.dumps({"value": rows}), json.dumps({"value": rows}, ensure_ascii=False), json.dumps(rows)):
        assert values(content) == rows
    assert values("\n".join(map(json.dumps, rows))) == rows


@pytest.mark.parametrize("size", [LARGEST_ROW // 100, LARGEST_ROW // 10, 5 * LARGEST_ROW])
def test_pages_that_are_larger_than_what_is_read_ahead_are_read_whole(size: int) -> None:
    rows = [{"checkInId": str(number), "checkInTitle": "é" * (number % 90)} for number in range(size // 30)]
    assert values(page(rows)) == values(json.dumps(rows)) == rows
    lines = (f"{row['checkInId']},{row['checkInTitle']},x" for row in rows)
    assert len(values("checkInId,classId,submitDateTime\n" + "\n".join(lines))) == len(rows)


@pytest.mark.parametrize(
    "content",
    [
        "{", "[", '{"value": [', '{"value": [1]}', "[1]", '["a"]', '{"a": }', "[{}{}]", "{}]", "classId,checkInId,submitDateTime\n1,2",
        "a,a\n1,2", "a,\n1,2", 'classId,checkInId,submitDateTime\n"1,2', b"\xff\xfe{}", b"a,b\n\xff,1", b"\x1f\x8b\x08\x00\x00\x00\x00\x00", b"PK\x03\x04\x00\x00",
        "[" * 1000, '{"a":' * 1000, "[" * 60_000,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line(content: str | bytes) -> None:
    with pytest.raises(ImportRefused) as refusal:
        values(content)
    assert refusal.value.code in {"import_unreadable", "import_columns"}
    assert refusal.value.facts["line"].isdecimal()


def test_the_line_of_a_fault_is_told() -> None:
    with pytest.raises(ImportRefused) as refusal:
        values('[{"a": 1},\n{"a": 2},\n{"a" 3}]')
    assert refusal.value.facts["line"] == "3"
    with pytest.raises(ImportRefused) as refusal:
        values("checkInId,classId,submitDateTime\n1,2,3\n1\n")
    assert refusal.value.facts["line"] == "3"


HUGE = 20 * 1024 * 1024


class Endless(io.RawIOBase):
    """A beginning, and then the same for ever (or for 20 MB)."""

    def __init__(self, begins: bytes, goes_on: bytes) -> None:
        self._left, self._begins, self._goes_on = HUGE, begins, goes_on * (65536 // len(goes_on) + 1)

    def read(self, size: int = -1) -> bytes:
        self._left -= size
        if self._left < 0:
            return b""
        part, self._begins = (self._begins + self._goes_on)[:size], b""
        return part


@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [
        (b'[{"a": "', b"x"),
        (b'{"a": "', b"x"),
        (b'{"a": ', b"1"),
        (b'{"value": [{"a": "', b"x"),
        (b'{"a": 1, ', b'"b": 2, '),
        (b'{"b": "x", "c": [', b"1, "),
        (b"[", b"["),
        (b"[", b'{"a": '),
        (b"checkInId,classId,submitDateTime\n", b"x"),
        (b'checkInId,classId,submitDateTime\n"', b"x"),
        (b'checkInId,classId,submitDateTime\n"', b"x\n"),
        (b"", b"x"),
    ],
)
def test_a_row_without_end_is_refused_before_it_fills_the_memory(begins: bytes, goes_on: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(ImportRefused) as refusal:
        for _ in records(Endless(begins, goes_on)):  # type: ignore[arg-type]
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.value.code in {"import_row_too_large", "import_unreadable"}
    assert peak < 3 * 1024 * 1024


@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [
        (b'{"value": [{"a": "b"}', b',{"a": "b"}'),
        (b"", b'{"a": "b"}\n'),
        (b"checkInId,classId,submitDateTime\n", b"1,2,3\n"),
        (b"", b" "),
    ],
)
def test_a_file_without_end_is_read_in_the_memory_of_a_row(begins: bytes, goes_on: bytes) -> None:
    count = 0
    tracemalloc.start()
    with pytest.raises(ImportRefused):
        for _ in records(Endless(begins, goes_on)):  # type: ignore[arg-type]
            count += 1
            if count > 100_000:
                break
        raise ImportRefused("enough")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * 1024 * 1024


def test_a_table_that_lacks_a_column_says_which() -> None:
    with pytest.raises(ImportRefused) as refusal:
        values("checkInId,class\n")
    assert refusal.value.facts["columns"] == "classId, submitDateTime"


def test_a_mapping_is_csv_and_nothing_else() -> None:
    assert [dict(it.values) for it in table(io.BytesIO(b"personId,sub\na,1\n"), ["sub"])] == [
        {"personId": "a", "sub": "1"}
    ]
    with pytest.raises(ImportRefused):
        list(table(io.BytesIO(b'[{"personId": "a", "sub": "1"}]'), ["sub"]))
