"""Files that commands are given, which are opened as the user that the command runs as and not as whoever typed it."""

import os
from pathlib import Path
from typing import Any

import click


class Readable(click.Path):
    """A file to be read. That it may not be read is told apart from that it is not there, where the path's own check
    says the same of both."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; ends the command where nothing can be read there."""
        if not _may_be_read(value):
            self.fail(
                f"File {os.fspath(value)!r} may not be read by the user that this command runs as (`reflect`, where the"
                " service is installed): let that user read it, and come to it through its folders.",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


def _may_be_read(path: str | os.PathLike[str]) -> bool:
    """Whether this process may read a file, or there is none."""
    try:
        os.stat(path)
    except PermissionError:
        return False
    except (OSError, ValueError):  # the path's own check says it better
        return True
    return os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids)
