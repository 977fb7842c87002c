"""An empty database for one contender, of either kind, and the recount of what it has kept."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"
_COUNT = "SELECT count(*) FROM answer"


@dataclass(frozen=True)
class Database:
    """`name` is a file's path or the database's name in our PostgreSQL."""

    url: str
    name: str

    @property
    def sqlalchemy_url(self) -> str:
        """The address with the driver that is installed."""
        return self.url.replace("postgresql://", "postgresql+psycopg://")

    def answers(self) -> int:
        """The rows of the table `answer` (every contender calls it so), read by a connection of our own."""
        if urlsplit(self.url).scheme == "sqlite":
            with closing(sqlite3.connect(f"file:{self.name}?mode=ro", uri=True)) as file:
                return int(file.execute(_COUNT).fetchone()[0])
        with psycopg.connect(self.url) as server:
            row = server.execute(_COUNT).fetchone()
            assert row is not None
            return int(row[0])
