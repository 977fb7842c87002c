"""What one transaction has found out or done already, so that the jobs that share it need not do it again."""

from typing import Any, cast

from sqlmodel import Session

_REMEMBERED = "reflect remembered"


def memory(db: Session, what: str) -> dict[int, Any]:
    """What this transaction remembers of one kind of thing, by id; gone when it ends."""
    kinds = cast(dict[str, dict[int, Any]], db.info.setdefault(_REMEMBERED, {}))
    return kinds.setdefault(what, {})


def forget(db: Session) -> None:
    """Begin with an empty memory: for sessions that live longer than a transaction."""
    db.info.pop(_REMEMBERED, None)
