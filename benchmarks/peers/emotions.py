"""The words that both form peers accept."""

EMOTIONS = (
    "confident", "excited", "happy", "motivated", "peaceful", "calm", "curious", "confused",
    "tired", "bored", "angry", "lonely", "nervous", "frustrated", "stressed", "sad",
)  # fmt: skip
