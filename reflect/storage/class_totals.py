"""What classmates may see of named check-ins."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table


class ClassTotal(Table, table=True):
    """What classmates may see of a named check-in, fixed at its close."""

    __tablename__ = "class_total"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    choice: str = Field(primary_key=True)
    count: int


_OF_CHECKIN = Prepared(
    select(col(ClassTotal.choice), col(ClassTotal.count)).where(col(ClassTotal.checkin_id) == bindparam("checkin_id"))
)
_PUBLISH = Prepared(insert(ClassTotal).values({name: bindparam(name) for name in ("checkin_id", "choice", "count")}))


def of_checkin(db: Session, checkin_id: int) -> dict[str, int]:
    """What was published to classmates of a named check-in; empty if nothing was."""
    return {row.choice: row.count for row in _OF_CHECKIN.all(db, checkin_id=checkin_id)}


def publish(db: Session, checkin_id: int, totals: dict[str, int]) -> None:
    """Fix what classmates see of a named check-in."""
    for choice, count in totals.items():
        _PUBLISH.run(db, checkin_id=checkin_id, choice=choice, count=count)
