"""Publishing for leaders in the background of a running installation, and by the command."""

import asyncio

from reflect.web.house import build
from reflect.web.publications import publish_due
from tests.cli.running import shell_of
from tests.domain.school import school
from tests.domain.test_weeks import answered
from tests.installation import Installation


def test_a_round_publishes_what_is_due_and_the_next_one_nothing(installation: Installation) -> None:
    found = school(installation.database, [6, 4])
    for room in found.rooms:
        answered(room, k=5)
    house = build(installation.settings, installation.database)
    assert [asyncio.run(publish_due(house)) for _ in range(2)] == [1, 0]
    assert [row.course_id for row in found.rows()] == [found.rooms[0].course_id]


def test_tidy_publishes_too(installation: Installation) -> None:
    found = school(installation.database, [6])
    answered(found.rooms[0], k=5)
    said = shell_of(installation).run("tidy")
    assert said.exit_code == 0, said.output
    assert len(found.site()) == 1
