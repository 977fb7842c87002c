"""Whether a transaction was committed whose connection was lost in the midst of it: PostgreSQL remembers.

SQLite has no connection to lose. Of a server that was put in the place of another nothing can be known.
"""

from sqlalchemy import text
from sqlmodel import Session

_NUMBER = text("SELECT CAST(pg_current_xact_id() AS text)")
_STATUS = text("SELECT pg_xact_status(CAST(:number AS xid8))")
_FATES = {"committed": True, "aborted": False}


def number_of(db: Session) -> str:
    """The number of the transaction under way; empty where it need not be asked after."""
    return str(db.scalar(_NUMBER)) if db.get_bind().dialect.name == "postgresql" else ""


def was_committed(db: Session, number: str) -> bool | None:
    """Whether it was; None while the server does not know yet, or does not know any more."""
    return _FATES.get(str(db.scalar(_STATUS, {"number": number})))
