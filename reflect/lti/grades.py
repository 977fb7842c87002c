"""Marks in a gradebook: Assignment and Grade Services 2.0, scores.

Scores may come twice or out of order from a queue: the platform keeps the latest by timestamp and answers
`conflict` to what is not newer than what it has.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from reflect.lti.line_items import gone_if_missing, granted
from reflect.lti.messages import Grades
from reflect.lti.services import SCORE, Connection

SCORE_TYPE: Final = "application/vnd.ims.lis.v1.score+json"


class ActivityProgress(StrEnum):
    """How far somebody is, by its name on the wire (AGS 2.0 3.4.7)."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class GradingProgress(StrEnum):
    """How far the grading is, by its name on the wire (AGS 2.0 3.4.8); only FULLY_GRADED counts for sure."""

    FULLY_GRADED = "FullyGraded"
    PENDING = "Pending"
    PENDING_MANUAL = "PendingManual"
    FAILED = "Failed"
    NOT_READY = "NotReady"


@dataclass(frozen=True, slots=True)
class Score:
    """What one person reached; no `given` takes an earlier score back. `at` must rise with every score of a
    person in a line item, and by whole seconds, since Moodle compares those only."""

    user_id: str
    given: float | None
    maximum: float
    at: datetime
    activity: ActivityProgress = ActivityProgress.COMPLETED
    grading: GradingProgress = GradingProgress.FULLY_GRADED
    comment: str | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a score needs a moment with a time zone")
        if not (math.isfinite(self.maximum) and self.maximum > 0):
            raise ValueError("a score needs a maximum above 0")
        if self.given is not None and not (math.isfinite(self.given) and self.given >= 0):
            raise ValueError("a score is 0 or more")

    def on_wire(self) -> dict[str, Any]:
        """The JSON of it (AGS 2.0 3.4), the moment in UTC with microseconds."""
        optional: dict[str, Any] = {} if self.comment is None else {"comment": self.comment}
        if self.given is not None:
            optional |= {"scoreGiven": self.given, "scoreMaximum": self.maximum}
        return {
            "userId": self.user_id,
            "timestamp": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "activityProgress": self.activity.value,
            "gradingProgress": self.grading.value,
            **optional,
        }


async def score(connection: Connection, grades: Grades, line_item_url: str, result: Score) -> None:
    """Sends one score (AGS 2.0 3.4); raises `LineItemGone`, `ServiceRefused` (`conflict` if it is not newer)."""
    with gone_if_missing():
        await connection.post(
            _scores_url(line_item_url), result.on_wire(), media_type=SCORE_TYPE, scopes=granted(grades, SCORE)
        )


def _scores_url(line_item_url: str) -> str:
    """`/scores` belongs to the path (AGS 2.0 3.1.2), and Moodle's addresses have a query after it."""
    parts = urlsplit(line_item_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/scores", fragment=""))
