import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reflect.lti import Outbound
from reflect.web.platform_clocks import OUT_OF_DATE, moment_at
from tests.lti.test_outbound import Server, certificate


@pytest.mark.parametrize(("begins", "ends", "is_good"), [(-1, 1, True), (-9, -1, False), (1, 9, False)])
def test_a_platform_says_what_time_it_is_or_that_its_certificate_is_of_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begins: float, ends: float, is_good: bool
) -> None:
    path = certificate(tmp_path, "localhost", begins, ends)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = Server(context)
    name = server.host.replace("127.0.0.1", "localhost")
    moment = asyncio.run(moment_at(Outbound([name]), f"https://{name}/"))
    server.close()
    assert moment is not None
    if is_good:
        assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)
    else:
        assert moment == OUT_OF_DATE


def test_where_nobody_answers_nothing_is_said() -> None:
    for url in ("https://10.0.0.1/keys", "https://127.0.0.1:1/keys"):
        assert asyncio.run(moment_at(Outbound(["127.0.0.1:1"]), url)) is None
