"""Answers in the words of Microsoft Graph's `reflectCheckInResponse`, and back.

Graph knows five faces and 56 feelings. A step of how pleasant something is becomes a face, a word for a feeling that
feeling; whatever else was answered (energy, body signals, scales, own words and choices, *I'd rather not say*) and
what is unsaid is `none` and `notDetected`: that somebody answered, and no feeling.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from reflect.domain.emotions import EMOTIONS
from reflect.domain.forms import FORMS, NOT_TOLD, Kind
from reflect.domain.forms import STEPS as STEPS_OF_FORMS

NONE, NOT_DETECTED, UNKNOWN = "none", "notDetected", "unknownFutureValue"
FEEDBACKS = ("veryUnpleasant", "unpleasant", "neutral", "pleasant", "veryPleasant")
"""Graph's words for the five steps from unpleasant to pleasant."""
FIELDS = (
    "id", "checkInId", "checkInTitle", "classId", "createdDateTime", "creatorId", "isClosed", "responderId",
    "responseEmotion", "responseFeedback", "submitDateTime",
)  # fmt: skip
"""All properties of a `reflectCheckInResponse`."""

EMOTION_TYPE = (NONE, *(emotion.graph_name for emotion in EMOTIONS.values()), UNKNOWN)
FEEDBACK_TYPE = (NONE, NOT_DETECTED, *FEEDBACKS, UNKNOWN)
KEY_OF: Mapping[str, str] = MappingProxyType({emotion.graph_name: emotion.key for emotion in EMOTIONS.values()})
"""Our key of each of Graph's feelings."""


def told(form: str, choice: str) -> tuple[str, str]:
    """(`responseEmotion`, `responseFeedback`) of a choice in an answer form."""
    if FORMS[form].kind in {Kind.WORDS, Kind.IMPORTED} and choice in EMOTIONS:
        return EMOTIONS[choice].graph_name, NONE
    step = _STEPS.get((form, choice))
    return (NONE, NOT_DETECTED) if step is None else (NONE, FEEDBACKS[step])


_STEPS: Mapping[tuple[str, str], int] = {
    (form.key, option.key): STEPS_OF_FORMS.index(option.pleasantness)
    for form in FORMS.values()
    if form.kind in {Kind.FACES, Kind.GRID, Kind.IMPORTED}
    for option in form.options
    if option.pleasantness in STEPS_OF_FORMS and option.key not in EMOTIONS
}
_FACE_OF: Mapping[str, str] = dict(zip(FEEDBACKS, (option.key for option in FORMS["faces"].options), strict=True))
_SAY_NOTHING = frozenset((NONE, NOT_DETECTED, UNKNOWN, ""))
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:[Zz]|[+-]\d{2}:\d{2})")


def choice_of(emotion: str, feedback: str) -> tuple[str, bool]:
    """The choice that an imported answer makes, and whether all of it was understood.

    A word says more than a face, so it goes before. What a later version of Graph may say is no feeling that we know.
    """
    is_known = (emotion in KEY_OF or emotion in _SAY_NOTHING) and (feedback in _FACE_OF or feedback in _SAY_NOTHING)
    return KEY_OF.get(emotion) or _FACE_OF.get(feedback) or NOT_TOLD, is_known


def moment(text: str) -> tuple[datetime, bool]:
    """A moment (ISO 8601, in UTC) to the microsecond, and whether Graph's seventh digit was cut off it.

    Raises ValueError for what is no moment, or has no offset from UTC.
    """
    if not _MOMENT.fullmatch(text):
        raise ValueError("no moment")
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond the calendar") from None
    rest = re.search(r"\.\d{6}(\d+)", text)
    return found, bool(rest and rest[1].strip("0"))
