"""nginx with our sample."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reflect.files import ROOT
from tests.deploy.proxy import Front, adapted, certificate, started
from tests.servers import free_port

# What Debian's nginx.conf has around a file of conf.d, but for its places; it keeps an access log.
AROUND = """
daemon off;
pid {folder}/nginx.pid;
{user}
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    access_log {folder}/access.log;
    error_log {folder}/error.log;
    gzip on;
    include {folder}/reflect.conf;
}}
"""


def sample(folder: Path, tls_port: int, plain_port: int, app_port: int) -> str:
    """Our sample for this machine."""
    return adapted(
        ROOT / "deploy" / "nginx.conf",
        {
            "listen [::]:443 ssl http2;": "",
            "listen [::]:80;": "",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{tls_port} ssl http2;",
            "listen 80;": f"listen 127.0.0.1:{plain_port};",
            "127.0.0.1:8000": f"127.0.0.1:{app_port}",
            "https://reflect.school.example": f"https://localhost:{tls_port}",
            "reflect.school.example": "localhost",
            "/etc/ssl/reflect/": f"{folder}/",
            "/var/log/nginx/": f"{folder}/",
            "client_header_timeout 10s": "client_header_timeout 1s",
            "client_body_timeout 10s": "client_body_timeout 1s",
        },
    )


@contextmanager
def nginx(folder: Path, app_port: int) -> Iterator[Front]:
    """nginx alone, in front of whatever listens on a port."""

    def logged() -> list[str]:
        files = list(folder.rglob("*.log"))
        assert len(files) >= 2
        return [line for path in files for line in path.read_text().splitlines()]

    front = Front(certificate(folder), free_port(), free_port(), True, logged)
    (folder / "reflect.conf").write_text(sample(folder, front.port, front.plain_port, app_port))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with started(command, folder / "output.log", front.port):
        yield front
