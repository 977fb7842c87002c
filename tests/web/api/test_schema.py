"""Schemathesis calls the API as its description says, and as it says not to, and holds every answer against it."""

import os
from collections.abc import Iterator
from itertools import count

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.classroom import classroom
from tests.installation import Installation
from tests.walker import http_client
from tests.web.api.warehouse import make_key

EXAMPLES = int(os.environ.get("REFLECT_FUZZ", "0"))
few = settings(
    derandomize=not EXAMPLES,
    max_examples=EXAMPLES or 40,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
CALLS_OF_A_KEY = 100
"""Fewer than a key may make within a minute."""


@pytest.fixture(scope="module")
def keys(shared: Installation) -> Iterator[str]:
    """A key for each call, another one before the first is used up; there are answers to fetch."""
    room = classroom(shared.database, 6)
    for checkin_id in (room.open("named"), room.open("anonymous")):
        for student in room.students:
            room.answer(student, checkin_id, "calm")
        room.close(checkin_id)
    made = [make_key(shared.database, "anonymous", "named") for _ in range(EXAMPLES * 4 // CALLS_OF_A_KEY + 4)]
    return (made[number // CALLS_OF_A_KEY] for number in count())


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_described(shared: Installation, keys: Iterator[str], mode: GenerationMode) -> None:
    with http_client() as client:
        description = client.get(f"{shared.base_url}/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(description)
    for operation in (found.ok() for found in schema.get_all_operations()):
        if mode == GenerationMode.NEGATIVE and not operation.query:
            continue  # nothing that could be said wrongly

        @few
        @given(operation.as_strategy(mode))
        def holds(case: Case) -> None:
            answer = case.call(base_url=shared.base_url, headers={"Authorization": f"Bearer {next(keys)}"})
            # What $filter and $select may say is told in words, for which a schema has none.
            case.validate_response(answer, excluded_checks=[positive_data_acceptance])
            assert answer.status_code < 400 or answer.headers.get("reflect-error")
            assert answer.headers.get("x-content-type-options")

        holds()
