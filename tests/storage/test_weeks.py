from datetime import timedelta

from alembic import command
from alembic.script import ScriptDirectory

from reflect.storage.database import Database
from reflect.storage.schema import config, migrate
from tests.domain.school import LATER, school
from tests.domain.test_weeks import answered


def test_what_was_answered_before_there_were_leaders_is_never_published(database: Database) -> None:
    """Nobody who answered then was told of them."""
    found = school(database, [6])
    answered(found.rooms[0])
    settings = config(database.engine)
    before = ScriptDirectory.from_config(settings).get_revision("0015").down_revision
    command.downgrade(settings, str(before))
    migrate(database.engine)
    assert found.publish() == found.publish(now=LATER + timedelta(days=60)) == 0
