"""Caddy with our sample."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reflect.files import ROOT
from tests.deploy.proxy import Front, adapted, certificate, started
from tests.servers import free_port


def sample(folder: Path, plain_port: int) -> str:
    """Our sample for this machine, with a certificate from a file instead of one that is asked for."""
    return adapted(
        ROOT / "deploy" / "Caddyfile",
        {
            "\n{\n\tlog {": f"\n{{\n\tadmin off\n\thttp_port {plain_port}\n\tdefault_bind 127.0.0.1\n\tlog {{",
            "request_body {": f"tls {folder}/fullchain.pem {folder}/privkey.pem\n\trequest_body {{",
            "read_header 10s": "read_header 1s",
            "read_body 30s": "read_body 1s",
        },
    )


@contextmanager
def caddy(folder: Path, app_port: int) -> Iterator[Front]:
    """Caddy alone, in front of whatever listens on a port."""
    log = folder / "caddy.log"

    def logged() -> list[str]:
        lines = log.read_text().splitlines()
        assert any("serving initial configuration" in line for line in lines)
        return [line for line in lines if '"request"' in line or '"level":"error"' in line]

    front = Front(certificate(folder), free_port(), free_port(), False, logged)
    (folder / "Caddyfile").write_text(sample(folder, front.plain_port))
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    places = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    sites = {"SITE_HOST": f"localhost:{front.port}", "SITE_UPSTREAM": f"127.0.0.1:{app_port}"}
    with started(command, log, front.port, **places, **sites):
        yield front
