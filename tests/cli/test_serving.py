"""A server that begins anew loses nothing of what it had to say."""

import subprocess
import sys

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
    done = subprocess.run([sys.executable, "-c", RELOAD], capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr.splitlines() == [f"line {number}" for number in range(20)]
