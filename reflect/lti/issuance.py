"""When a token of ours is from and how long it is good."""

from datetime import datetime, timedelta
from typing import Final

# Moodle refuses a token that is from the future by its own clock, be it by seconds.
BACKDATED: Final = timedelta(seconds=30)
LIFETIME: Final = timedelta(minutes=5)


def issued(now: datetime) -> dict[str, int]:
    """The claims `iat` and `exp` of a token signed `now`: 30 s ago, 5 minutes in all."""
    issued_at = now - BACKDATED
    return {"iat": int(issued_at.timestamp()), "exp": int((issued_at + LIFETIME).timestamp())}
