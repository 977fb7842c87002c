"""A server that begins anew loses nothing of what it had to say, and one that begins says so."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.faults.processes import COMMAND
from tests.servers import free_port
from tests.walker import http_client

RELOAD = """
import logging, os, socket, sys, time
if os.environ.get("LISTEN_FDS"):
    sys.exit()

from reflect.cli import serving
from reflect.web import log_lines

class Slow(logging.StreamHandler):
    def emit(self, record):
        time.sleep(0.01)
        super().emit(record)

logging.getLogger().handlers = [Slow()]
log_lines.queue()
for number in range(20):
    logging.warning("line %d", number)
serving._begin_anew(socket.create_server(("127.0.0.1", 0)).dup())
"""


def test_what_waits_to_be_logged_is_written_before_a_process_begins_anew() -> None:
    done = subprocess.run([sys.executable, "-c", RELOAD], capture_output=True, text=True, timeout=90, check=True)
    assert done.stderr.splitlines() == [f"line {number}" for number in range(20)]


def test_a_service_manager_hears_that_the_server_is_ready_and_nobody_is_refused_from_then_on(tmp_path: Path) -> None:
    told, port = str(tmp_path / "notify"), free_port()
    settings = {"REFLECT_BASE_URL": f"http://localhost:{port}", "REFLECT_SECRET_KEY": "x" * 40, "NOTIFY_SOCKET": told}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(told)
        manager.settimeout(90)
        command = [sys.executable, "-c", COMMAND, "serve", "--port", str(port)]
        server = subprocess.Popen(command, cwd=tmp_path, env=os.environ | settings, stderr=subprocess.DEVNULL)
        try:
            assert manager.recv(100) == b"READY=1"
            with http_client() as client:
                assert client.get(f"http://localhost:{port}/health/ready").text == "ready\n"
        finally:
            server.terminate()
            server.wait(30)


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = {"REFLECT_BASE_URL": f"http://localhost:{port}", "REFLECT_SECRET_KEY": "x" * 40}
        command = [sys.executable, "-c", COMMAND, "serve", "--port", str(port)]
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | settings, capture_output=True, text=True, timeout=90, check=False
        )
    assert done.returncode == 1
    assert f"127.0.0.1, port {port}" in done.stderr and "--port" in done.stderr and "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_setting_is_warned_of_and_its_value_is_not_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REFLECT_SECRET_KEI=nobodys-business\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends by itself
        command = [sys.executable, "-c", COMMAND, "serve", "--port", str(taken.getsockname()[1])]
        said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False).stderr
    [line] = [line for line in said.splitlines() if "unknown settings do nothing" in line]
    assert "REFLECT_SECRET_KEI" in line and "nobodys-business" not in said
