"""Which check-ins ask the same again."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from reflect.domain.insights.threads import by_checkin, threads


def asked(number: int, question: str = "", key: str | None = None, series: int | None = None) -> Any:
    at = datetime(2026, 9, number, tzinfo=UTC)
    return SimpleNamespace(id=number, question=question, question_key=key, series_id=series, opened_at=at)


def test_a_series_is_one_thread_whatever_it_came_to_ask() -> None:
    (found,) = threads([asked(1, "How was it?", series=4), asked(2, "How was today?", series=4)])
    assert (found.key, found.newest.id, found.checkin_ids, found.is_series) == ("series-4", 2, {1, 2}, True)


def test_the_same_question_is_one_thread_and_the_newest_comes_first() -> None:
    rows = [
        asked(1, "A?"),
        asked(2, "B?"),
        asked(3, "A?"),
        asked(4, "In any words", "energy"),
        asked(5, "Else", "energy"),
    ]
    assert [(one.key, one.checkin_ids) for one in threads(rows)] == [
        ("question-4", {4, 5}),
        ("question-1", {1, 3}),
        ("question-2", {2}),
    ]


def test_own_words_are_not_the_librarys() -> None:
    assert len(threads([asked(1, "energy"), asked(2, "x", "energy"), asked(3, "x", series=1)])) == 3


def test_each_checkin_is_in_one_thread() -> None:
    rows = [asked(1, "A?"), asked(2, "B?"), asked(3, "A?")]
    assert {number: thread.key for number, thread in by_checkin(threads(rows)).items()} == {
        1: "question-1",
        2: "question-2",
        3: "question-1",
    }
