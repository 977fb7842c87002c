"""The shell that the commands' tests share."""

from tests.cli.running import shell
from tests.web.admin.conftest import shared

__all__ = ["shared", "shell"]
