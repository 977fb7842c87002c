"""Whom and which course the ids of an imported history mean."""

from sqlmodel import Field

from reflect.storage.tables import Table


class ImportedId(Table, table=True):
    """An id of the system that the history came from, and the person or the course here that it stands for."""

    __tablename__ = "imported_id"

    deployment_id: int = Field(foreign_key="deployment.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(primary_key=True)
    """`person` or `class`."""
    foreign_id: str = Field(primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE", index=True)
    course_id: int | None = Field(default=None, foreign_key="course.id", ondelete="CASCADE", index=True)
