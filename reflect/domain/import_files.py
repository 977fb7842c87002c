"""Files of `reflectCheckInResponse`s, read row by row: JSON as Graph answers it (a page, several one after the other,
or a list), JSON Lines, or CSV with the same column names.

However large a file is, no more of it is held than one row and what was read ahead; a row has a limit.
"""

import codecs
import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from reflect.domain.refusals import ImportRefused

LARGEST_ROW = 64 * 1024
"""Characters of a row; one of Graph's has 500."""
NEEDED = ("checkInId", "classId", "submitDateTime")
"""Columns without which a table is no history."""
MOST_NAMES = 100
"""Of a page, besides its rows."""
_AHEAD = 64 * 1024
_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the line it begins on, and its values by name."""

    line: int
    values: Mapping[str, Any]


def records(file: BinaryIO) -> Iterator[Record]:
    """The rows of a file, whichever of the formats it has.

    Raises ImportRefused `import_unreadable`, `import_row_too_large`, `import_columns`, each with the `line`.
    """
    text = _Text(file)
    try:
        if text.peek() in {"{", "["}:
            yield from _of_json(text)
        elif text.peek():
            yield from _of_csv(text, NEEDED)
    except UnicodeDecodeError:
        raise ImportRefused("import_unreadable", line=str(text.line)) from None


def table(file: BinaryIO, needed: Sequence[str]) -> Iterator[Record]:
    """The rows of a CSV file with these columns; raises what `records` raises."""
    text = _Text(file)
    try:
        yield from _of_csv(text, needed)
    except UnicodeDecodeError:
        raise ImportRefused("import_unreadable", line=str(text.line)) from None


class _Text:
    """A file as text of which only a part is held; `line` is that of the place reached."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._held, self._at, self._is_over = "", 0, False
        self.line = 1

    def _fill(self) -> bool:
        """Read on; False at the end of the file."""
        if self._is_over:
            return False
        read = self._file.read(_AHEAD)
        self._is_over = not read
        self._held = self._held[self._at :] + self._decoder.decode(read, final=self._is_over)
        self._at = 0
        return True

    def _step(self, to: int) -> str:
        passed = self._held[self._at : to]
        self.line += passed.count("\n")
        self._at = to
        return passed

    def peek(self) -> str:
        """The next character that is not blank, without passing it; empty at the end."""
        while True:
            self._step(_BLANKS.match(self._held, self._at).end())  # type: ignore[union-attr]
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._fill():
                return ""

    def take(self, expected: str) -> None:
        """Pass a character."""
        if self.peek() != expected:
            raise self.fault()
        self._step(self._at + 1)

    def value(self) -> Any:
        """Pass a JSON value that is not larger than a row may be."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._held, self._at)
            except (ValueError, RecursionError):
                end = None
            # A number at the very end of what is held may go on.
            if end is not None and (end < len(self._held) or self._is_over):
                if end - self._at > LARGEST_ROW:
                    raise self.too_large()
                self._step(end)
                return found
            if len(self._held) - self._at > LARGEST_ROW:
                raise self.too_large()
            if not self._fill():
                raise self.fault()

    def fits(self) -> bool:
        """Whether the next value is a whole one that is not larger than a row may be; passes nothing."""
        while len(self._held) - self._at <= LARGEST_ROW and self._fill():
            pass
        try:
            _, end = _DECODER.raw_decode(self._held, self._at)
        except (ValueError, RecursionError):
            return False
        return end - self._at <= LARGEST_ROW

    def lines(self) -> Iterator[str]:
        """The lines that are left, with their ends."""
        while True:
            end = self._held.find("\n", self._at)
            if end < 0 and self._fill():
                if len(self._held) > LARGEST_ROW + _AHEAD:
                    raise self.too_large()
                continue
            line = self._step(end + 1 if end >= 0 else len(self._held))
            if len(line) > LARGEST_ROW:
                raise self.too_large()
            if not line:
                return
            yield line

    def fault(self) -> ImportRefused:
        """This cannot be read."""
        return ImportRefused("import_unreadable", line=str(self.line))

    def too_large(self) -> ImportRefused:
        """This is no row."""
        return ImportRefused("import_row_too_large", line=str(self.line))


def _of_json(text: _Text) -> Iterator[Record]:
    while following := text.peek():
        if following == "[":
            yield from _list(text)
        elif following == "{":
            yield from _object(text)
        else:
            raise text.fault()
        if text.peek() == ",":
            text.take(",")


def _list(text: _Text) -> Iterator[Record]:
    text.take("[")
    while text.peek() != "]":
        line, value = text.line, text.value()
        if not isinstance(value, dict):
            raise text.fault()
        # A list of pages is as good as the pages one after the other.
        inner = value["value"] if isinstance(value.get("value"), list) else [value]
        if not all(isinstance(one, dict) for one in inner):
            raise text.fault()
        yield from (Record(line, one) for one in inner)
        if text.peek() != "]":
            text.take(",")
    text.take("]")


def _object(text: _Text) -> Iterator[Record]:
    """A row of JSON Lines, or a page."""
    if text.fits():
        line, value = text.line, text.value()
        if not isinstance(value.get("value"), list):
            yield Record(line, value)
            return
        for one in value["value"]:
            if not isinstance(one, dict):
                raise text.fault()
            yield Record(line, one)
        return
    is_page, line, names = False, text.line, 0
    text.take("{")
    while text.peek() != "}":
        name, names = text.value(), names + 1
        if names > MOST_NAMES:
            raise ImportRefused("import_row_too_large", line=str(line))
        text.take(":")
        if name == "value" and text.peek() == "[":
            is_page = True
            yield from _list(text)
        else:
            text.value()
        if text.peek() != "}":
            text.take(",")
    text.take("}")
    if not is_page:
        raise ImportRefused("import_row_too_large", line=str(line))


def _of_csv(text: _Text, needed: Sequence[str]) -> Iterator[Record]:
    rows = csv.reader(text.lines(), strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        if len(set(names)) != len(names) or not all(names):
            raise text.fault()
        if missing := [name for name in needed if name not in names]:
            raise ImportRefused("import_columns", line="1", columns=", ".join(missing))
        line = text.line
        for row in rows:
            if row:
                if len(row) != len(names):
                    raise ImportRefused("import_unreadable", line=str(line))
                yield Record(line, dict(zip(names, row, strict=True)))
            line = text.line
    except csv.Error:
        raise text.fault() from None
