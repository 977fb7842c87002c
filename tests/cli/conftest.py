"""The shell that the commands' tests share."""

from tests.cli.running import shell

__all__ = ["shell"]
