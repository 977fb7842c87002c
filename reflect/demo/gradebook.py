"""The gradebook of the campus, in memory: columns that tools made, and the scores in them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


class ColumnMissing(LookupError):
    """There is no such column."""

    code = "column_missing"


class ScoreRefused(ValueError):
    """A score is not newer than the one before."""

    code = "conflict"


@dataclass(frozen=True)
class Column:
    """A line item (AGS 2.0 3.2); `activity` is the number of the activity it is bound to, or empty."""

    id: str
    course: str
    tool: str
    label: str
    score_maximum: float
    resource_id: str = ""
    tag: str = ""
    activity: str = ""


@dataclass(frozen=True)
class Score:
    """What a tool says that somebody reached; `given` is None where nothing was."""

    user_id: str
    at: datetime
    given: float | None
    maximum: float | None
    activity_progress: str
    grading_progress: str
    comment: str = ""


@dataclass
class Gradebook:
    """`scores` has the newest by column and person, `received` every score that was taken, in order."""

    columns: dict[str, Column] = field(default_factory=dict)
    scores: dict[tuple[str, str], Score] = field(default_factory=dict)
    received: list[tuple[str, Score]] = field(default_factory=list)

    def add(self, course: str, tool: str, line_item: Mapping[str, Any], activity: str = "") -> Column:
        """Make a column of a line item as it came."""
        column = Column(
            id=str(len(self.columns) + 100) + secrets.token_hex(2),
            course=course,
            tool=tool,
            label=str(line_item.get("label", "")),
            score_maximum=float(line_item["scoreMaximum"]),
            resource_id=str(line_item.get("resourceId", "")),
            tag=str(line_item.get("tag", "")),
            activity=activity,
        )
        self.columns[column.id] = column
        return column

    def of_course(self, course: str) -> list[Column]:
        """Return the columns of a course, oldest first."""
        return [column for column in self.columns.values() if column.course == course]

    def column(self, course: str, column_id: str) -> Column:
        """Return one column of a course; raises ColumnMissing."""
        found = self.columns.get(column_id)
        if found is None or found.course != course:
            raise ColumnMissing(f"There is no column {column_id!r} here.")
        return found

    def remove(self, column_id: str) -> None:
        """Forget a column and its scores."""
        del self.columns[column_id]
        self.scores = {key: score for key, score in self.scores.items() if key[0] != column_id}

    def copy(self, column_id: str, course: str, activity: str) -> Column:
        """Copy a column, without its scores, to the copy of its activity."""
        original = self.columns[column_id]
        column = replace(original, id=original.id + secrets.token_hex(2), course=course, activity=activity)
        self.columns[column.id] = column
        return column

    def take(self, column: Column, score: Score) -> None:
        """Keep a score; raises ScoreRefused unless it is newer by a second, for Moodle compares those only."""
        before = self.scores.get((column.id, score.user_id))
        if before is not None and score.at.replace(microsecond=0) <= before.at.replace(microsecond=0):
            raise ScoreRefused("The score is not newer than the one before.")
        self.scores[column.id, score.user_id] = score
        self.received.append((column.id, score))
