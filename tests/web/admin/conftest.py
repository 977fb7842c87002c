"""An installation that the portal's tests share: they register many clients, which other tests should not meet."""

from collections.abc import Iterator

import pytest

from tests.conftest import fresh_database
from tests.installation import Installation, installed


@pytest.fixture(scope="package")
def shared(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    """A running installation; tests must not mind each other's data."""
    with installed(fresh_database(backend, tmp_path_factory.mktemp("portal"), request)) as running:
        yield running
