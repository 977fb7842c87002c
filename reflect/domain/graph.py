"""Answers in the words of Microsoft Graph's `reflectCheckInResponse`, and back.

Graph knows five faces and 56 feelings. A step of how pleasant something is becomes a face, a word for a feeling that
feeling; whatever else was answered (energy, body signals, scales, own words and choices, *I'd rather not say*) and
what is unsaid is `none` and `notDetected`: that somebody answered, and no feeling.
"""

from collections.abc import Mapping
from types import MappingProxyType

from reflect.domain.emotions import EMOTIONS
from reflect.domain.forms import FORMS, Kind
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
    if FORMS[form].kind == Kind.WORDS and choice in EMOTIONS:
        return EMOTIONS[choice].graph_name, NONE
    step = _STEPS.get((form, choice))
    return (NONE, NOT_DETECTED) if step is None else (NONE, FEEDBACKS[step])


_STEPS: Mapping[tuple[str, str], int] = {
    (form.key, option.key): STEPS_OF_FORMS.index(option.pleasantness)
    for form in FORMS.values()
    if form.kind in {Kind.FACES, Kind.GRID}
    for option in form.options
    if option.pleasantness is not None
}
